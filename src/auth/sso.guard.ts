import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Settings } from '../config/settings.js';
import { PairingError } from '../errors/pairing-error.js';
import { BEARER } from './bearer.strategy.js';
import type { User } from './user.js';

/** Lets in who has signed in at CERN SSO and has the role that the operator requires. */
@Injectable()
export class SsoGuard extends AuthGuard(BEARER) {
  constructor(private readonly settings: Settings) {
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
    if (user === false) throw refusal(info, context);
    const { requiredRole } = this.settings;
    if (requiredRole !== undefined && !user.roles.has(requiredRole)) {
      throw new PairingError('role-required', {
        detail: `Your account lacks the role ${requiredRole}, which this needs.`,
      });
    }
    return user as TUser;
  }
}

/** Why nobody is signed in. The token library's own reason is kept for the log only. */
function refusal(info: unknown, context: ExecutionContext): PairingError {
  if (info instanceof PairingError) return info;
  const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
  return new PairingError(headers.authorization ? 'invalid-token' : 'sign-in-required', {
    cause: info,
  });
}
