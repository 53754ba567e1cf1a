import { setTimeout as delay } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
import type { ClusterSnapshot, Issuance } from '../client/client.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { findIssuance } from './target.ts';
import type { Service } from './service.ts';

/** The progress of a cluster. Names are those of the API. */
export interface Progress extends Omit<ClusterSnapshot, 'state'> {
  readonly state: ClusterSnapshot['state'] | 'ended';
  /** `expired` or `ended`, or the recorded outcome. Null while the cluster is live. */
  readonly end_reason: string | null;
  /** The reason of a master that has failed. Null without one, or without the PIN. */
  readonly failure: string | null;
}

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** The service does not answer at the moment; it is asked again. */
  readonly onAway: () => void;
}

/** The service sends a heartbeat every 15 s, so a stream that is silent for this long is broken. */
const SILENCE_MS = 45_000;
const RETRY_MS = 2_000;
const MAX_RETRY_MS = 15_000;

/**
 * The progress of the cluster with this PIN: now and after each change, until it has ended. Fails when the first
 * request fails. Later failures of the connection are retried without limit.
 */
export async function* followPin(
  service: Service,
  pin: string,
  options: FollowOptions,
): AsyncGenerator<Progress> {
  let latest: Progress | undefined;
  const pause = new Pause(options.signal);
  const path = '/api/v1/clusters/{pin}/events';
  const open = (stream: StreamOptions) =>
    service.client.GET(path, { params: { path: { pin } }, ...stream });
  for (;;) {
    try {
      for await (const { event, data } of eventsOf(service, open, options.signal)) {
        latest = next(latest, event, data);
        if (latest.failed_time === null) latest = { ...latest, failure: null };
        else if (latest.failure === null) {
          latest = { ...latest, failure: await failureOf(service, pin) };
        }
        yield latest;
        if (latest.state === 'ended') return;
        pause.reset();
      }
    } catch (error) {
      if (options.signal.aborted) return;
      if (!latest || !(error instanceof CommandError)) throw error;
      if (error.exitCode === exitCodes.gone) {
        yield { ...latest, state: 'ended', end_reason: 'ended' };
        return;
      }
      if (error.exitCode !== exitCodes.unavailable) throw error;
      options.onAway();
    }
    if (await pause.isAborted()) return;
  }
}

/**
 * The progress of a cluster by its record, for its owner, who may not have the PIN any more: now and after each change,
 * until it has ended. Fails when the first request fails. Later failures of the connection are retried without limit.
 */
export async function* followIssuance(
  service: Service,
  id: string,
  options: FollowOptions,
): AsyncGenerator<Progress> {
  let latest: Progress | undefined;
  const pause = new Pause(options.signal);
  for (;;) {
    try {
      for await (const issuance of changesOf(service, id, options.signal)) {
        pause.reset();
        const progress = progressOf(issuance);
        if (JSON.stringify(progress) !== JSON.stringify(latest)) yield progress;
        latest = progress;
        if (progress.state === 'ended') return;
      }
    } catch (error) {
      if (options.signal.aborted) return;
      const isAway = error instanceof CommandError && error.exitCode === exitCodes.unavailable;
      if (!latest || !isAway) throw error;
      options.onAway();
    }
    if (await pause.isAborted()) return;
  }
}

/**
 * A record as it is now, and its changes while the connection lasts. Ends early for a record that the stream does not
 * follow, because it has ended or its owner has more clusters than a stream follows.
 */
async function* changesOf(
  service: Service,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<Issuance> {
  const issuance = await findIssuance(service, id);
  yield issuance;
  let isFollowed = false;
  const path = '/api/v1/issuances/events';
  const params = { query: { owner: issuance.owner } };
  const open = (options: StreamOptions) => service.client.GET(path, { params, ...options });
  for await (const { event, data } of eventsOf(service, open, signal)) {
    if (event === 'issuance' && data['id'] === id) {
      isFollowed = true;
      yield data as unknown as Issuance;
    }
    if (event === 'synced' && !isFollowed) return;
  }
}

export function progressOf(issuance: Issuance): Progress {
  return {
    state: issuance.state,
    expiration_time: issuance.expiration_time,
    master_address: null, // the record holds no values
    master_registered_time: issuance.master_time,
    master_ready_time: issuance.ready_time,
    failed_time: issuance.failed_time,
    second_masters: issuance.second_masters,
    master_changes: issuance.master_changes,
    fetches: issuance.fetches,
    workers: issuance.workers,
    completed_time: issuance.completed_time,
    end_reason: issuance.state === 'ended' ? issuance.outcome : null,
    failure: null,
  };
}

/** The reason that the master of a failed cluster has announced. Null if it has just been removed. */
async function failureOf({ client, ask }: Service, pin: string): Promise<string | null> {
  const path = { pin, key: 'master_failed' };
  const headers = { accept: 'application/json' };
  try {
    const key = await ask(
      client.GET('/api/v1/clusters/{pin}/keys/{key}', { params: { path }, headers }),
    );
    return (key as unknown as { value: string }).value;
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === exitCodes.gone) return null;
    throw error;
  }
}

interface ServerEvent {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** How to ask for a stream of events. */
interface StreamOptions {
  readonly headers: { readonly accept: string };
  readonly parseAs: 'stream';
  readonly signal: AbortSignal;
}

/** The events of one connection. Fails with a {@link CommandError} when it breaks. */
async function* eventsOf(
  { ask }: Service,
  open: (options: StreamOptions) => Parameters<Service['ask']>[0],
  signal: AbortSignal,
): AsyncGenerator<ServerEvent> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const stream = (await ask(
      open({
        headers: { accept: 'text/event-stream, application/problem+json' },
        parseAs: 'stream',
        signal: AbortSignal.any([signal, silence.signal]),
      }),
    )) as ReadableStream<Uint8Array>;
    const events: ServerEvent[] = [];
    const parser = createParser({
      onEvent: ({ event = '', data }) =>
        events.push({ event, data: JSON.parse(data) as ServerEvent['data'] }),
    });
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      timer.refresh();
      parser.feed(decoder.decode(chunk, { stream: true }));
      yield* events.splice(0);
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError('The connection broke.', exitCodes.unavailable, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function next(before: Progress | undefined, event: string, data: ServerEvent['data']): Progress {
  if (event === 'state') {
    return { ...(data as unknown as ClusterSnapshot), end_reason: null, failure: null };
  }
  if (!before) throw new CommandError('The service sends no state.', exitCodes.failure);
  switch (event) {
    case 'master_registered':
      return {
        ...before,
        state: before.state === 'issued' ? 'master_registered' : before.state,
        master_address: String(data['address']),
        master_registered_time: String(data['time']),
      };
    case 'master_ready':
      return {
        ...before,
        state: 'ready',
        master_ready_time: String(data['time']),
        failed_time: null,
      };
    case 'failed':
      return { ...before, state: 'failed', failed_time: String(data['time']) };
    case 'members':
      return { ...before, workers: data as unknown as Progress['workers'] };
    case 'complete':
      return { ...before, completed_time: String(data['time']) };
    case 'worker_fetched':
      return { ...before, fetches: Number(data['fetches']) };
    case 'second_master':
      return { ...before, second_masters: Number(data['second_masters']) };
    case 'master_changed':
      return { ...before, master_changes: Number(data['master_changes']) };
    case 'ended':
      return { ...before, state: 'ended', end_reason: String(data['reason']) };
    default:
      return before; // an unknown event of a newer service
  }
}

/** The pauses between two connections, longer and longer until one succeeds. */
class Pause {
  private ms = RETRY_MS;
  private readonly signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  reset(): void {
    this.ms = RETRY_MS;
  }

  /** Waits. Returns whether the wait was aborted. */
  async isAborted(): Promise<boolean> {
    const { ms } = this;
    this.ms = Math.min(ms * 2, MAX_RETRY_MS);
    try {
      await delay(ms, undefined, { signal: this.signal });
    } catch {
      // Aborted.
    }
    return this.signal.aborted;
  }
}
