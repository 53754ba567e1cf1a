import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { SsoGuard } from '../auth/sso.guard.js';
import { Settings } from '../config/settings.js';
import { PairingError } from '../errors/pairing-error.js';
import { isLocked } from './master-changes.js';

/**
 * Finds the signed-in user of a change of a master key under `LOCK_MASTER`. A request without a sign-in passes:
 * `KeysService` decides whether it is allowed.
 */
@Injectable()
export class MasterLockGuard implements CanActivate {
  constructor(
    private readonly settings: Settings,
    private readonly sso: SsoGuard,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context
      .switchToHttp()
      .getRequest<FastifyRequest<{ Params: { key: string } }>>();
    if (!this.settings.lockMaster || !isLocked(request.params.key)) return true;
    try {
      return await this.sso.canActivate(context);
    } catch (error) {
      if (error instanceof PairingError && error.code === 'sign-in-required') return true;
      throw error;
    }
  }
}
