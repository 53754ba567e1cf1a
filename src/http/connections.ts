import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from '../clock/clock.js';
import type { Settings } from '../config/settings.js';
import type { Metrics } from '../metrics/metrics.js';
import { normalAddress, type Trust, trustOf } from './client-address.js';
import { clientNetwork } from './network.js';
import { openFileLimit } from './open-files.js';
import type { PlainConnections } from './plain-connections.js';
import { ADDRESS_SHARE, Shares } from './shares.js';

/** If no byte can be sent for this long, the client does not read, and its connection is closed. */
export const WRITE_DEADLINE_MS = 30_000;
/** How many requests may wait on one connection for earlier answers. Very few clients send requests this way. */
export const MAX_PIPELINED = 8;

/**
 * How many new connections the kernel accepts while the process is busy, at most `net.core.somaxconn`. Beyond that
 * their machines try again a second later: with Node's default of 511, a cluster that boots at once waits for that.
 */
export const BACKLOG = 4_096;

/** Open files that are no connections of clients: the listeners, the storage, the log. */
const OTHER_FILES = 100;

const SWEEP_MS = 1_000;
const WARN_EVERY_MS = 60_000;

/** How many bytes wait to be sent, and since when none of them has been sent. */
interface Unsent {
  readonly length: number;
  readonly since: number;
}

/**
 * Limits the cost of each connection, and their number: as many as requests can be held, plus a reserve, so that
 * probes, polls and posts are served even when the maximum of requests is held. A connection over the limit is closed
 * at once. When half of the reserve is used, idle connections are closed to make room.
 */
export class Connections {
  private readonly open = new Set<Socket>();
  private readonly unsent = new Map<Socket, Unsent>();
  /** Of addresses (of IPv6 each /64) that connect by themselves. A trusted proxy has the connections of all its clients. */
  private readonly shares = new Shares(ADDRESS_SHARE);
  private readonly isTrusted: Trust;
  private readonly max: number;
  private readonly crowded: number;
  private closedIdleAt = -Infinity;
  private warnedAt = -Infinity;

  constructor(
    private readonly server: Server,
    private readonly plain: PlainConnections,
    { maxHeldRequests, connectionReserve, trustedProxies }: Settings,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly logger: Logger,
  ) {
    this.isTrusted = trustOf(trustedProxies);
    this.max = maxHeldRequests + connectionReserve;
    this.crowded = maxHeldRequests + Math.floor(connectionReserve / 2);
  }

  /** Begins to count connections, and to close those that cost too much. */
  guard(): void {
    const { server, metrics } = this;
    server.maxConnections = this.max;
    this.checkOpenFiles();
    metrics.observeConnections(() => this.open.size, this.max);
    server.on('connection', (socket: Socket) => this.opened(socket));
    server.on('drop', () =>
      this.dropped(
        `All ${this.max} connections are in use, and new ones are closed: add replicas, or raise CONNECTION_RESERVE.`,
      ),
    );
    // Not Nest's `@Interval`, which is for providers: this is made with the server.
    const timer = setInterval(() => this.sweep(), SWEEP_MS).unref();
    server.on('close', () => clearInterval(timer));
  }

  private checkOpenFiles(): void {
    const limit = openFileLimit();
    if (limit === undefined || limit >= this.max + OTHER_FILES) return;
    this.logger.warn(
      `This process may open ${limit} files, which is less than its ${this.max} connections: raise that limit (ulimit -n), or lower MAX_HELD_REQUESTS or CONNECTION_RESERVE.`,
    );
  }

  private opened(socket: Socket): void {
    const client = this.clientOf(socket);
    if (client !== undefined && !this.shares.allows(client, this.max - this.open.size)) {
      socket.destroy();
      this.dropped(
        'One client address has its share of the connections, and its new ones are closed: if it is a proxy, set TRUSTED_PROXIES.',
      );
      return;
    }
    this.open.add(socket);
    if (client !== undefined) this.shares.take(client);
    // Not `once`, which would keep two more objects for each connection.
    socket.on('close', () => {
      this.open.delete(socket);
      this.unsent.delete(socket);
      if (client !== undefined) this.shares.release(client);
    });
    if (this.open.size > this.crowded) this.closeIdle();
  }

  /** Undefined for a trusted proxy, and for a connection that has been reset already. */
  private clientOf({ remoteAddress = '' }: Socket): string | undefined {
    const address = normalAddress(remoteAddress);
    return address === undefined || this.isTrusted(address, 0) ? undefined : clientNetwork(address);
  }

  private dropped(warning: string): void {
    this.metrics.connectionDropped();
    this.closeIdle();
    const now = this.clock.now();
    if (now - this.warnedAt < WARN_EVERY_MS) return;
    this.warnedAt = now;
    this.logger.warn(warning);
  }

  private closeIdle(): void {
    const now = this.clock.now();
    if (now - this.closedIdleAt < SWEEP_MS) return;
    this.closedIdleAt = now;
    this.server.closeIdleConnections();
    this.plain.closeIdle();
  }

  private sweep(): void {
    const now = this.clock.now();
    for (const socket of this.open) {
      const { writableLength: length } = socket;
      const before = this.unsent.get(socket);
      if (length === 0) this.unsent.delete(socket);
      else if (!before || length < before.length) this.unsent.set(socket, { length, since: now });
      else if (now - before.since >= WRITE_DEADLINE_MS) socket.destroy();
    }
  }
}

/**
 * Serves pipelined requests of a connection one after another (RFC 9112, section 9.3.2), because Node would start all of
 * them at once. A connection with more than `MAX_PIPELINED` waiting requests is closed.
 */
export function serveInTurn(fastify: FastifyInstance): void {
  const waiting = new WeakMap<Socket, number>();
  fastify.addHook('onRequest', ({ raw: { socket } }, reply, done) => {
    if (reply.raw.socket !== null) return done(); // no earlier answer is missing, as for nearly all requests
    const count = (waiting.get(socket) ?? 0) + 1;
    waiting.set(socket, count);
    if (count > MAX_PIPELINED) {
      reply.hijack();
      socket.destroy();
      return;
    }
    // Node assigns the socket when the earlier answers have been sent.
    reply.raw.once('socket', () => {
      waiting.set(socket, waiting.get(socket)! - 1);
      done();
    });
  });
}
