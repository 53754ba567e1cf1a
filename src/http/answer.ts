import type { FastifyReply } from 'fastify';

/** An answer that is yet to be sent. */
export interface Answer {
  readonly status: number;
  /** In the order in which they are sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function sendAnswer(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  reply.code(status);
  for (const name in headers) reply.header(name, headers[name]);
  return reply.send(body);
}
