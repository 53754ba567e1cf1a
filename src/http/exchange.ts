import type { RequestListener, ServerResponse } from 'node:http';
import type { Answer } from './answer.js';
import type { PlainRequest } from './plain-request.js';

/**
 * A request ahead of Fastify, and the way to answer it: through Node's HTTP server (`NodeExchange`), or on a connection
 * that Node's parser has not seen (`PlainConnections`).
 */
export interface Exchange extends Pick<PlainRequest, 'url' | 'headers'> {
  /** Of the other end of the connection. Undefined when it has been reset. */
  readonly remoteAddress: string | undefined;
  /** Whether an answer can be sent. */
  readonly writable: boolean;
  /** Whether the client has gone. */
  readonly closed: boolean;
  /** At most one listener: for the client that goes before it has its answer. */
  on(event: 'close', listener: () => void): void;
  send(answer: PreparedAnswer): void;
  /** Lets Fastify answer the request. */
  pass(): void;
}

/** An answer with all of its headers, in the two forms in which they are sent. */
export interface PreparedAnswer extends Pick<Answer, 'status' | 'body'> {
  readonly headers: PreparedHeaders;
}

/** All headers but for `content-length`, whose name they end with, and those that Node adds to each answer. */
interface PreparedHeaders {
  readonly list: readonly string[];
  readonly text: string;
  /** Whether they close the connection. */
  readonly closes: boolean;
}

/** Prepares the headers of answers once. To spread two objects into one for each answer costs a microsecond. */
export class AnswerHeaders {
  /** By the headers of the answer itself. Most answers share a few objects of them. */
  private readonly prepared = new WeakMap<Answer['headers'], PreparedHeaders>();

  /** `common` are the headers of every answer. */
  constructor(private readonly common: Answer['headers']) {}

  prepare({ status, headers, body }: Answer): PreparedAnswer {
    return { status, headers: this.of(headers), body };
  }

  private of(own: Answer['headers']): PreparedHeaders {
    const known = this.prepared.get(own);
    if (known) return known;
    const fields = Object.entries({ ...this.common, ...own });
    const prepared = {
      list: [...fields.flat(), 'content-length'],
      text: [...fields.map(([name, value]) => `${name}: ${value}\r\n`), 'content-length: '].join(
        '',
      ),
      closes: own['connection'] === 'close',
    };
    this.prepared.set(own, prepared);
    return prepared;
  }
}

/** A request that Node's HTTP server has read. */
export class NodeExchange implements Exchange {
  readonly url: string;

  constructor(
    private readonly response: ServerResponse,
    private readonly fastify: RequestListener,
  ) {
    this.url = response.req.url ?? '';
  }

  get headers() {
    return this.response.req.headers;
  }

  get remoteAddress() {
    return this.response.req.socket.remoteAddress;
  }

  get writable() {
    return this.response.socket?.writable === true;
  }

  get closed() {
    return this.response.closed;
  }

  on(event: 'close', listener: () => void): void {
    this.response.on(event, listener);
  }

  send({ status, headers, body }: PreparedAnswer): void {
    const { length, encoding } = sizeOf(body);
    this.response.writeHead(status, [...headers.list, String(length)]);
    this.response.end(body, encoding);
  }

  pass(): void {
    this.fastify(this.response.req, this.response);
  }
}

/** The length of a text in bytes, and the encoding in which it is written fastest: ASCII is the same in both. */
export function sizeOf(body: string): { length: number; encoding: 'latin1' | 'utf8' } {
  const length = Buffer.byteLength(body);
  return { length, encoding: length === body.length ? 'latin1' : 'utf8' };
}
