import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { User } from './user.js';

/** The user that `SsoGuard` admitted, as a parameter of a route. */
export const CurrentUser = createParamDecorator(
  (_data: unknown, context: ExecutionContext): User =>
    context.switchToHttp().getRequest<{ user: User }>().user,
);
