import type { FastifyReply, FastifyRequest } from 'fastify';
import { formatOf, JSON_TYPE, TEXT } from '../http/format.js';
import { MemberItem } from './member.dto.js';
import { hostsLineOf, type Member } from './member.js';

/** A line of hosts(5), or JSON for a client that prefers it. */
export function sendMember(request: FastifyRequest, reply: FastifyReply, member: Member): void {
  if (formatOf(request) === 'json') reply.type(JSON_TYPE).send(new MemberItem(member));
  else reply.type(TEXT).send(hostsLineOf(member));
}
