import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Client } from '../waiting/waiting.service.js';

/** After what time a client reconnects. It is random, so that clients do not all reconnect at once. */
const RETRY_MS = { min: 2_000, max: 5_000 };

/** Proxies close connections that are idle for longer. */
export const HEARTBEAT_MS = 15_000;

/** The client of a stream. */
export interface StreamClient extends Client {
  readonly response: ServerResponse;
}

/** The body of a response: server-sent events (HTML, section 9.2). */
export class ServerSentEvents {
  /** Whether the last heartbeat has been written to the socket. */
  private drained = true;

  constructor(private readonly response: ServerResponse) {
    const { min, max } = RETRY_MS;
    response.write(`retry: ${Math.round(min + Math.random() * (max - min))}\n`);
  }

  /** Sends an event, whose data is JSON. Does nothing after the end. */
  send(event: string, json: string): void {
    if (!this.response.writableEnded) this.response.write(`event: ${event}\ndata: ${json}\n\n`);
  }

  /** Whether the client has yet to read what was sent. */
  get isBehind(): boolean {
    return this.response.writableNeedDrain;
  }

  /** Sends a comment, which clients ignore. Disconnects a client that has not read the previous one, or the end. */
  sendHeartbeat(): void {
    if (!this.drained) {
      this.response.destroy();
      return;
    }
    this.drained = false;
    if (!this.response.writableEnded) this.response.write(':\n\n', () => (this.drained = true));
  }

  end(): void {
    this.response.end();
  }
}

/** Begins a response of server-sent events. Undefined for HEAD, which it answers. */
export function beginEvents(
  request: FastifyRequest,
  reply: FastifyReply,
): StreamClient | undefined {
  reply.header('content-type', 'text/event-stream; charset=utf-8');
  reply.header('x-accel-buffering', 'no'); // nginx would buffer the events
  if (request.method === 'HEAD') {
    reply.send();
    return undefined;
  }
  reply.hijack();
  reply.raw.writeHead(200, reply.getHeaders() as Record<string, string>);
  return { address: request.clientAddress, response: reply.raw };
}
