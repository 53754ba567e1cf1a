import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Settings } from '../config/settings.js';
import { PairingError } from '../errors/pairing-error.js';
import { AuditLog } from '../logging/audit-log.js';
import { BEARER } from './bearer.strategy.js';
import { assertSameOrigin } from './same-origin.js';
import { Sessions } from './session.js';
import type { User } from './user.js';

/**
 * Lets in who has signed in at CERN SSO, by a bearer token or else by the browser's session, and has the
 * role that the operator requires.
 */
@Injectable()
export class SsoGuard extends AuthGuard(BEARER) {
  constructor(
    private readonly settings: Settings,
    private readonly audit: AuditLog,
    private readonly sessions: Sessions,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest & { user?: User }>();
    if (request.headers.authorization === undefined) {
      const user = await this.sessions.read(request, http.getResponse<FastifyReply>());
      if (user) {
        assertSameOrigin(request, this.settings.publicUrl);
        request.user = this.handleRequest(undefined, user, undefined, context);
        return true;
      }
    }
    return (await super.canActivate(context)) as boolean;
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
        detail: `Your account lacks the role ${requiredRole}, which this needs. Ask who runs this service for it.`,
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
