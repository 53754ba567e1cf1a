import { STATUS_CODES, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../clock/clock.js';
import { type Exchange, type PreparedAnswer, sizeOf } from './exchange.js';
import { type PlainRequest, plainRequest } from './plain-request.js';

type OnConnection = (this: Server, socket: Socket) => void;
type OnRequest = (exchange: Exchange) => void;

/** A new connection that says nothing for this long is left to Node, which has the timeouts for that. */
const SILENT_MS = 1_000;
/** How many bytes may wait on a connection for the answer before. Very few clients send requests this way. */
export const MAX_AHEAD_BYTES = 32 * 1024;

/**
 * Reads the plain requests of new connections (`PlainRequest`) without Node's HTTP parser, whose objects are a third of
 * the cost of a poll (ADR 30). A connection is left to Node, for good, with its first bytes that are no plain request,
 * and with the first request that is passed on.
 */
export class PlainConnections {
  private readonly open = new Set<PlainConnection>();
  private readonly onNode: OnConnection;
  private onRequest: OnRequest | undefined;
  private dateHeader = '';
  private dateSecond = NaN;

  /** To be made before anything else listens for connections of this server. */
  constructor(
    private readonly server: Server,
    private readonly clock: Clock,
  ) {
    [this.onNode] = server.listeners('connection') as [OnConnection];
    server.removeListener('connection', this.onNode);
    server.on('connection', (socket: Socket) => {
      if (this.onRequest) this.open.add(new PlainConnection(socket, this, this.onRequest));
      else this.onNode.call(server, socket);
    });
  }

  /** Begins to pass plain requests to this function. */
  serve(onRequest: OnRequest): void {
    this.onRequest = onRequest;
  }

  /** Closes the connections that wait for their next request. */
  closeIdle(): void {
    for (const connection of this.open) connection.closeIfIdle();
  }

  /** Leaves new connections to Node, and closes those that are idle. */
  stop(): void {
    this.onRequest = undefined;
    this.closeIdle();
  }

  /** Closes those that are left. */
  closeAll(): void {
    for (const connection of this.open) connection.close();
  }

  /** How long a connection is kept for its next request, in ms. The server announces a little less. */
  get keepAliveMs(): number {
    return this.server.keepAliveTimeout + this.server.keepAliveTimeoutBuffer;
  }

  /** The headers that Node adds to an answer whose own headers do not say what becomes of the connection. */
  lastHeaders(closes: boolean): string {
    if (closes) return `${this.date()}Connection: close\r\n`;
    const seconds = Math.floor(this.server.keepAliveTimeout / 1_000);
    return `${this.date()}Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n`;
  }

  /** The header that Node adds to each answer. */
  date(): string {
    const now = this.clock.now();
    const second = Math.floor(now / 1_000);
    if (second !== this.dateSecond) {
      this.dateSecond = second;
      this.dateHeader = `Date: ${new Date(now).toUTCString()}\r\n`;
    }
    return this.dateHeader;
  }

  ended(connection: PlainConnection): void {
    this.open.delete(connection);
  }

  toNode(connection: PlainConnection, socket: Socket): void {
    this.open.delete(connection);
    this.onNode.call(this.server, socket);
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
const ignore = (): void => {};

/** A connection, as the exchange of its request that is being answered. */
class PlainConnection implements Exchange {
  private request: PlainRequest | undefined;
  /** The bytes of the request, for Node. */
  private bytes = NOTHING;
  /** Those that came after it. */
  private ahead = NOTHING;
  private onGone: (() => void) | undefined;
  private wasAnswered = false;
  /** The client sends nothing more. */
  private hasEnded = false;

  constructor(
    private readonly socket: Socket,
    private readonly connections: PlainConnections,
    private readonly onRequest: OnRequest,
  ) {
    socket.on('data', this.onData);
    socket.on('end', this.onEnd);
    socket.on('timeout', this.onTimeout);
    socket.on('close', this.onClose);
    socket.on('error', ignore); // `close` follows
    socket.setTimeout(SILENT_MS);
  }

  get url(): string {
    return this.request?.url ?? '';
  }

  get headers(): PlainRequest['headers'] {
    return this.request?.headers ?? {};
  }

  get remoteAddress(): string | undefined {
    return this.socket.remoteAddress;
  }

  get writable(): boolean {
    return this.socket.writable;
  }

  get closed(): boolean {
    return this.socket.destroyed || this.hasEnded;
  }

  on(_event: 'close', listener: () => void): void {
    this.onGone = listener;
    this.bytes = NOTHING; // it is held, and will not be passed on
  }

  send({ status, headers, body }: PreparedAnswer): void {
    const { socket, connections, ahead } = this;
    const { length, encoding } = sizeOf(body);
    const isLast = this.request?.closes === true || (this.hasEnded && ahead.length === 0);
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers.text}${length}\r\n` +
        `${headers.closes ? connections.date() : connections.lastHeaders(isLast)}\r\n${body}`,
      encoding,
    );
    this.request = undefined;
    this.bytes = NOTHING;
    this.onGone = undefined;
    if (isLast || headers.closes) return socket.destroySoon();
    if (!this.wasAnswered) socket.setTimeout(connections.keepAliveMs);
    this.wasAnswered = true;
    if (ahead.length === 0) return;
    this.ahead = NOTHING;
    this.onData(ahead);
  }

  pass(): void {
    const { socket } = this;
    if (socket.destroyed) return;
    socket.removeListener('data', this.onData);
    socket.removeListener('end', this.onEnd);
    socket.removeListener('timeout', this.onTimeout);
    socket.removeListener('close', this.onClose);
    socket.removeListener('error', ignore);
    socket.setTimeout(0);
    this.connections.toNode(this, socket);
    const unread = Buffer.concat([this.bytes, this.ahead]);
    if (unread.length > 0) socket.emit('data', unread);
    if (this.hasEnded) socket.emit('end');
  }

  closeIfIdle(): void {
    if (this.wasAnswered && !this.request) this.close();
  }

  /** Does not wait for a client that does not read its answer. */
  close(): void {
    this.socket.destroy();
  }

  private readonly onData = (bytes: Buffer): void => {
    const { socket } = this;
    if (!socket.writable) return; // it was the last request
    if (this.request) return this.keep(bytes);
    this.bytes = bytes;
    // Node stops to read from a client that does not read.
    if (socket.writableLength === 0) this.request = plainRequest(bytes);
    if (this.request) this.onRequest(this);
    else this.pass();
  };

  private keep(bytes: Buffer): void {
    this.ahead = Buffer.concat([this.ahead, bytes]);
    if (this.ahead.length > MAX_AHEAD_BYTES) this.socket.destroy();
  }

  private readonly onEnd = (): void => {
    // A client that is not held has its answer at once. Otherwise it is taken as gone, as Node does.
    if (this.request && !this.onGone) this.hasEnded = true;
    else this.socket.end();
  };

  private readonly onTimeout = (): void => {
    if (this.request) return;
    if (this.wasAnswered) this.socket.destroy();
    else this.pass();
  };

  private readonly onClose = (): void => {
    this.connections.ended(this);
    this.onGone?.();
  };
}
