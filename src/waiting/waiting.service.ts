import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { inBackground } from '../errors/in-background.js';
import { excludeFromLatency } from '../metrics/exclude-from-latency.js';
import { type EndReason, HeldQuery, type Receiver } from './held-query.js';
import { HeldRequests } from './held-requests.js';
import type { Query } from './query.js';
import { Subscriptions } from './subscriptions.js';

/** The client whose request is held. */
export interface Client {
  /** In normal form (`http/client-address.ts`). */
  readonly address: string;
  readonly response: HeldResponse;
}

/** The response of a held request: Node's, or the like of it. */
export interface HeldResponse {
  /** Whether the client has gone, or has its answer. */
  readonly closed: boolean;
  on(event: 'close', listener: () => void): unknown;
}

export interface WaitOptions {
  readonly seconds: number;
  /** When the cluster expires; milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Whether the current result is read, and shared with others that wait, at the pace of the query (`Query.pauseMs`). */
  readonly readFirst?: boolean;
}

/** How a wait ended. */
export interface WaitResult<T> {
  /** The result that was accepted, if one was. */
  readonly result: T | undefined;
  readonly reason: EndReason;
  /** How many seconds were granted; when the service stops, how many have passed. */
  readonly effectiveSeconds: number;
}

/** The part of a wait by which it is shortened at random at most, so that clients do not all come back at once. */
const JITTER = 0.04;

/**
 * Holds requests (ADR 13): until a result is accepted (`waitFor`), or to receive each result (`follow`). A request
 * about several clusters uses `HeldRequests` and `Subscriptions` directly.
 */
@Injectable()
export class WaitingService {
  constructor(
    private readonly held: HeldRequests,
    private readonly subscriptions: Subscriptions,
    private readonly clock: Clock,
  ) {}

  /** Whether the service stops. Held requests are answered, and no more are held. */
  get isStopping(): boolean {
    return this.held.isStopping;
  }

  /**
   * Waits until a result is accepted, the cluster ends or expires, `seconds` have passed, or the client disconnects.
   * To be called after a read whose result was not accepted, or with `readFirst`. Returns undefined when the request
   * cannot be held.
   */
  waitFor<T>(
    query: Query<T>,
    accepts: (result: T) => boolean,
    options: WaitOptions,
    client: Client,
  ): Promise<WaitResult<T>> | undefined {
    const { promise, resolve } = Promise.withResolvers<WaitResult<T>>();
    return this.wait(query, accepts, options, client, resolve) ? promise : undefined;
  }

  /**
   * Waits as `waitFor` does, and calls `onEnd` at the end, without a promise. Returns false when the request cannot be
   * held.
   */
  wait<T>(
    query: Query<T>,
    accepts: (result: T) => boolean,
    { seconds, expiresAt, readFirst = false }: WaitOptions,
    client: Client,
    onEnd: (result: WaitResult<T>) => void,
  ): boolean {
    const now = this.clock.now();
    const wait = new Wait(accepts, seconds, this.clock, onEnd);
    const deadline = now + seconds * 1_000 * (1 - JITTER * Math.random());
    const held = this.hold(query, wait, Math.min(deadline, expiresAt), client);
    if (held && readFirst) inBackground('Reading for a wait', held.refresh());
    return held !== undefined;
  }

  /**
   * Passes on each result until the cluster ends or expires (`expiresAt`), or the client disconnects. The first
   * result is read at once. Returns false when the request cannot be held.
   */
  follow<T>(query: Query<T>, receiver: Receiver<T>, expiresAt: number, client: Client): boolean {
    const held = this.hold(query, receiver, expiresAt, client);
    if (held) inBackground('Reading for a stream', held.refresh());
    return held !== undefined;
  }

  private hold<T>(
    query: Query<T>,
    receiver: Receiver<T>,
    deadline: number,
    { address, response }: Client,
  ): HeldQuery<T> | undefined {
    if (response.closed) return undefined; // the client has gone while the result was read
    const held = new HeldQuery(this.held, this.subscriptions, receiver, query.clusterId, address);
    if (!held.begin(query, deadline)) return undefined;
    excludeFromLatency(response);
    response.on('close', () => held.end('client-gone')); // `close` comes once; `once` would keep two more objects
    return held;
  }
}

/** Waits for one result. */
class Wait<T> implements Receiver<T> {
  private result: T | undefined;
  private readonly began: number;

  constructor(
    private readonly accepts: (result: T) => boolean,
    private readonly seconds: number,
    private readonly clock: Clock,
    private readonly ended: (result: WaitResult<T>) => void,
  ) {
    this.began = clock.now();
  }

  onResult(result: T): boolean {
    if (!this.accepts(result)) return true;
    this.result = result;
    return false;
  }

  onEnd(reason: EndReason): void {
    const elapsed = Math.floor((this.clock.now() - this.began) / 1_000);
    const effectiveSeconds = reason === 'stopping' ? Math.min(this.seconds, elapsed) : this.seconds;
    this.ended({ result: this.result, reason, effectiveSeconds });
  }
}
