import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

/**
 * The context of a request, as a parameter of a route that answers for a long time: with it, `SsoGuard.canActivate`
 * checks later whether the user would still be admitted.
 */
export const RequestContext = createParamDecorator(
  (_data: unknown, context: ExecutionContext): ExecutionContext => context,
);
