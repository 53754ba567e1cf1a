import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from '../clock/clock.js';
import type { Settings } from '../config/settings.js';
import type { Metrics } from '../metrics/metrics.js';

/** What was written has to leave for the client within this, or the client does not read. */
export const WRITE_DEADLINE_MS = 30_000;
/** How many requests may wait on a connection for the answer before theirs. Hardly a client sends any. */
export const MAX_PIPELINED = 8;

const SWEEP_MS = 1_000;
const WARN_EVERY_MS = 60_000;

/** Bytes that wait to be sent, and since when none of them has been. */
interface Unsent {
  readonly length: number;
  readonly since: number;
}

/**
 * Bounds what connections can cost, each and all together. There are as many as requests may be held, and a
 * reserve, so that probes, polls and posts are served when all places of held requests are taken. One
 * beyond that is closed at once. When half of the reserve is used, idle connections are closed for new ones.
 */
export class Connections {
  private readonly open = new Set<Socket>();
  private readonly unsent = new Map<Socket, Unsent>();
  private readonly most: number;
  private readonly crowded: number;
  private closedIdleAt = -Infinity;
  private warnedAt = -Infinity;

  constructor(
    private readonly server: Server,
    { maxHeldRequests, connectionReserve }: Settings,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly logger: Logger,
  ) {
    this.most = maxHeldRequests + connectionReserve;
    this.crowded = maxHeldRequests + Math.floor(connectionReserve / 2);
  }

  /** Begins to count, and to close what costs too much. */
  guard(): void {
    const { server, metrics } = this;
    server.maxConnections = this.most;
    metrics.observeConnections(() => this.open.size, this.most);
    server.on('connection', (socket: Socket) => this.opened(socket));
    server.on('drop', () => this.dropped());
    const timer = setInterval(() => this.sweep(), SWEEP_MS).unref();
    server.on('close', () => clearInterval(timer));
  }

  private opened(socket: Socket): void {
    this.open.add(socket);
    socket.once('close', () => {
      this.open.delete(socket);
      this.unsent.delete(socket);
    });
    if (this.open.size > this.crowded) this.closeIdle();
  }

  private dropped(): void {
    this.metrics.connectionDropped();
    this.closeIdle();
    const now = this.clock.now();
    if (now - this.warnedAt < WARN_EVERY_MS) return;
    this.warnedAt = now;
    this.logger.warn(
      `All ${this.most} connections are in use, and new ones are closed: add replicas, or raise CONNECTION_RESERVE.`,
    );
  }

  private closeIdle(): void {
    const now = this.clock.now();
    if (now - this.closedIdleAt < SWEEP_MS) return;
    this.closedIdleAt = now;
    this.server.closeIdleConnections();
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
 * Serves the requests of one connection one after another, as they are answered (RFC 9112, section 9.3.2):
 * Node hands over all it has read at once. A connection with more than `MAX_PIPELINED` in line is closed.
 */
export function serveInTurn(fastify: FastifyInstance): void {
  const waiting = new WeakMap<Socket, number>();
  fastify.addHook('onRequest', ({ raw: { socket } }, reply, done) => {
    if (reply.raw.socket !== null) return done(); // its turn, as nearly always
    const inLine = (waiting.get(socket) ?? 0) + 1;
    waiting.set(socket, inLine);
    if (inLine > MAX_PIPELINED) {
      reply.hijack();
      socket.destroy();
      return;
    }
    // Node tells an answer that its turn has come.
    reply.raw.once('socket', () => {
      waiting.set(socket, waiting.get(socket)! - 1);
      done();
    });
  });
}
