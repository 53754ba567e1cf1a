import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Settings } from '../config/settings.js';
import { PairingError } from '../errors/pairing-error.js';
import { BEARER } from './bearer.strategy.js';
import { RefusedSignIns } from './refused-sign-ins.js';
import { assertSameOrigin } from './same-origin.js';
import { Sessions } from './sessions.js';
import type { User } from './user.js';

/**
 * Admits users who have signed in at CERN SSO, by a bearer token or the browser's session, and who have the role that
 * the operator requires.
 */
@Injectable()
export class SsoGuard extends AuthGuard(BEARER) {
  constructor(
    private readonly settings: Settings,
    private readonly refusedSignIns: RefusedSignIns,
    private readonly sessions: Sessions,
  ) {
    super();
  }

  /** Fails with `sign-in-required`, `invalid-token`, `role-required`, `cross-site` or `sso-unavailable`. */
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

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the signature of the base class
  override handleRequest<TUser = User>(
    error: unknown,
    user: User | false,
    info: unknown,
    context: ExecutionContext,
  ): TUser {
    const { headers, clientAddress } = context.switchToHttp().getRequest<FastifyRequest>();
    if (user) {
      this.assertRole(user, clientAddress);
      return user as TUser;
    }
    if (error && !(error instanceof PairingError)) throw error;
    const refusal = refusalOf(error ?? info, headers.authorization);
    if (refusal.code === 'invalid-token') this.refusedSignIns.report(refusal, clientAddress);
    throw refusal;
  }

  private assertRole({ name, roles }: User, clientAddress: string): void {
    const { requiredRole, roleHelp } = this.settings;
    if (requiredRole === undefined || roles.has(requiredRole)) return;
    const refusal = new PairingError('role-required', {
      detail: `Your account lacks the role ${requiredRole}, which this needs. ${roleHelp}`,
    });
    this.refusedSignIns.report(refusal, clientAddress, name);
    throw refusal;
  }
}

/** The error for a request without a signed-in user. */
function refusalOf(reason: unknown, authorization: string | undefined): PairingError {
  if (reason instanceof PairingError) return reason;
  if (!/^bearer\b/i.test(authorization ?? '')) return new PairingError('sign-in-required');
  const isForged = reason instanceof Error && reason.name === 'JsonWebTokenError';
  return new PairingError('invalid-token', {
    ...(isForged && { detail: 'The signature of the token is not valid.' }),
    cause: reason,
  });
}
