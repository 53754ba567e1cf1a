import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { User } from '../auth/user.js';

/** The client that changes a key. */
export interface Author {
  /** The client's address. */
  readonly address: string;
  /** The name of the signed-in user. Undefined without `LOCK_MASTER`, and for clients that have not signed in. */
  readonly user?: string | undefined;
}

/** The client that sent the request, as a parameter of a route with `MasterLockGuard`. */
export const ChangedBy = createParamDecorator((_: unknown, context: ExecutionContext): Author => {
  const { clientAddress, user } = context
    .switchToHttp()
    .getRequest<FastifyRequest & { user?: User }>();
  return { address: clientAddress, user: user?.name };
});
