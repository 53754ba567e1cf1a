import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Settings } from '../config/settings.js';
import { PairingError } from '../errors/pairing-error.js';
import { AuditLog } from '../logging/audit-log.js';
import { BEARER } from './bearer.strategy.js';
import type { User } from './user.js';

/** Lets in who has signed in at CERN SSO and has the role that the operator requires. */
@Injectable()
export class SsoGuard extends AuthGuard(BEARER) {
  constructor(
    private readonly settings: Settings,
    private readonly audit: AuditLog,
  ) {
    super();
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the base class has it so
  override handleRequest<TUser = User>(
    error: unknown,
    user: User | false,
    info: unknown,
    context: ExecutionContext,
  ): TUser {
    if (error) throw error;
    const { headers, ip: address } = context.switchToHttp().getRequest<FastifyRequest>();
    if (user === false) {
      const refusal = refusalOf(info, headers.authorization !== undefined);
      if (refusal.code === 'invalid-token') {
        this.audit.write({ event: 'sign_in_refused', code: refusal.code, address });
      }
      throw refusal;
    }
    const { requiredRole } = this.settings;
    if (requiredRole !== undefined && !user.roles.has(requiredRole)) {
      this.audit.write({
        event: 'sign_in_refused',
        code: 'role-required',
        user: user.name,
        address,
      });
      throw new PairingError('role-required', {
        detail: `Your account lacks the role ${requiredRole}, which this needs.`,
      });
    }
    return user as TUser;
  }
}

/** Why nobody is signed in. The token library's own reason is kept for the log only. */
function refusalOf(info: unknown, hasToken: boolean): PairingError {
  if (info instanceof PairingError) return info;
  return new PairingError(hasToken ? 'invalid-token' : 'sign-in-required', { cause: info });
}
