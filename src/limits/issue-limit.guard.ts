import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { IssueLimit } from './issue-limit.js';

/** Refuses to issue a PIN when the user has reached the limit. Must come after a guard that finds the user. */
@Injectable()
export class IssueLimitGuard implements CanActivate {
  // The counter is a service, because Nest creates a guard for each module that uses it.
  constructor(private readonly limit: IssueLimit) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const { user } = http.getRequest<FastifyRequest & { user: { name: string } }>();
    await this.limit.count(user.name);
    return true;
  }
}
