import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { IssueLimit } from './issue-limit.js';

/** Refuses the PIN that is one too many for its user. Needs a guard before it that finds the user. */
@Injectable()
export class IssueLimitGuard implements CanActivate {
  // The count is in a service: Nest makes a guard of its own for each module that uses it.
  constructor(private readonly limit: IssueLimit) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const { user } = http.getRequest<FastifyRequest & { user: { name: string } }>();
    await this.limit.count(user.name);
    return true;
  }
}
