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
/** The pause between two reads of the record, for which there is no stream. */
const POLL_MS = 2_000;

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
  let pause = RETRY_MS;
  for (;;) {
    try {
      for await (const { event, data } of eventsOf(service, pin, options.signal)) {
        latest = next(latest, event, data);
        yield latest;
        if (latest.state === 'ended') return;
        pause = RETRY_MS;
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
    if (await isAborted(options.signal, pause)) return;
    pause = Math.min(pause * 2, MAX_RETRY_MS);
  }
}

/** The progress of a cluster by its record, for its owner, who may not have the PIN any more. */
export async function* followIssuance(
  service: Service,
  id: string,
  options: FollowOptions,
): AsyncGenerator<Progress> {
  let latest: Progress | undefined;
  for (;;) {
    try {
      const progress = progressOf(await findIssuance(service, id));
      if (JSON.stringify(progress) !== JSON.stringify(latest)) yield progress;
      latest = progress;
      if (progress.state === 'ended') return;
    } catch (error) {
      const isAway = error instanceof CommandError && error.exitCode === exitCodes.unavailable;
      if (!latest || !isAway) throw error;
      options.onAway();
    }
    if (await isAborted(options.signal, POLL_MS)) return;
  }
}

export function progressOf(issuance: Issuance): Progress {
  return {
    state: issuance.state,
    expiration_time: issuance.expiration_time,
    master_address: null, // the record holds no values
    master_registered_time: issuance.master_time,
    master_ready_time: issuance.ready_time,
    second_masters: issuance.second_masters,
    master_changes: issuance.master_changes,
    fetches: issuance.fetches,
    end_reason: issuance.state === 'ended' ? issuance.outcome : null,
  };
}

interface ClusterEvent {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** The events of one connection. Fails with a {@link CommandError} when it breaks. */
async function* eventsOf(
  { client, ask }: Service,
  pin: string,
  signal: AbortSignal,
): AsyncGenerator<ClusterEvent> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const stream = (await ask(
      client.GET('/api/v1/clusters/{pin}/events', {
        params: { path: { pin } },
        headers: { accept: 'text/event-stream, application/problem+json' },
        parseAs: 'stream',
        signal: AbortSignal.any([signal, silence.signal]),
      }),
    )) as unknown as ReadableStream<Uint8Array>;
    const events: ClusterEvent[] = [];
    const parser = createParser({
      onEvent: ({ event = '', data }) =>
        events.push({ event, data: JSON.parse(data) as ClusterEvent['data'] }),
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

function next(before: Progress | undefined, event: string, data: ClusterEvent['data']): Progress {
  if (event === 'state') return { ...(data as unknown as ClusterSnapshot), end_reason: null };
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
      return { ...before, state: 'ready', master_ready_time: String(data['time']) };
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

/** Waits. Returns whether the wait was aborted. */
function isAborted(signal: AbortSignal, ms: number): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(true);
  return new Promise((resolve) => {
    const stop = () => {
      clearTimeout(timer);
      resolve(true);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve(false);
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
