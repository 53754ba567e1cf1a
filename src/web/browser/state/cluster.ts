import { between, durationText } from './times.ts';
import type { Issuance } from './wire.ts';

/** The most workers that a cluster can expect, and the most that can join. */
export const MAX_WORKERS = 5_000;

/** What the pages show of a cluster, from its record or from the stream of its PIN. */
export type Cluster = Pick<
  Issuance,
  | 'state'
  | 'outcome'
  | 'creation_time'
  | 'expiration_time'
  | 'master_time'
  | 'ready_time'
  | 'failed_time'
  | 'first_fetch_time'
  | 'completed_time'
  | 'end_time'
  | 'fetches'
  | 'second_masters'
  | 'master_changes'
  | 'workers'
>;

export type Tone = 'quiet' | 'busy' | 'good' | 'warn' | 'bad';
export type Sign = 'wait' | 'start' | 'check' | 'cross' | 'dash' | 'alarm';

/** A state in words, with the tone and the sign that go with it. */
export interface Status {
  readonly words: string;
  readonly tone: Tone;
  readonly sign: Sign;
}

const ENDED: Readonly<Record<NonNullable<Issuance['outcome']>, Status>> = {
  paired: { words: 'Paired', tone: 'good', sign: 'check' },
  incomplete: { words: 'Incomplete', tone: 'warn', sign: 'dash' },
  lonely_master: { words: 'No worker came', tone: 'warn', sign: 'dash' },
  lonely_worker: { words: 'No master came', tone: 'warn', sign: 'dash' },
  unused: { words: 'Never used', tone: 'quiet', sign: 'dash' },
  revoked: { words: 'Revoked', tone: 'quiet', sign: 'cross' },
  deleted: { words: 'Deleted', tone: 'quiet', sign: 'cross' },
};

/** The state of a cluster, or how it ended. */
export function statusOf(cluster: Cluster): Status {
  const { state, outcome, workers } = cluster;
  switch (state) {
    case 'issued':
      return { words: 'Waiting for master', tone: 'quiet', sign: 'wait' };
    case 'master_registered':
      return { words: 'Master starting', tone: 'busy', sign: 'start' };
    case 'failed':
      return { words: 'Master failed', tone: 'bad', sign: 'cross' };
    case 'ready':
      if (isComplete(cluster)) return { words: 'Complete', tone: 'good', sign: 'check' };
      return workers.expected !== null
        ? { words: 'Workers joining', tone: 'busy', sign: 'start' }
        : { words: 'Ready', tone: 'good', sign: 'check' };
    case 'ended':
      return outcome ? ENDED[outcome] : { words: 'Ended', tone: 'quiet', sign: 'dash' };
  }
}

/** As many workers as expected have been ready. */
export function isComplete({ completed_time: completed }: Cluster): boolean {
  return completed !== null;
}

/** Workers of old images, which do not report themselves: they are known only by their fetches of the address. */
export function silentWorkers({ fetches, workers }: Cluster): number {
  return Math.max(0, fetches - workers.joined);
}

/** How far the workers are, as parts of a whole and in words. */
export interface Progress {
  readonly ready: number;
  readonly joined: number;
  readonly total: number;
  readonly words: string;
  /** What the words count. */
  readonly basis: string;
  /** Whether the whole is known. */
  readonly hasBar: boolean;
}

export function progressOf(cluster: Cluster): Progress {
  const { expected, joined, ready } = cluster.workers;
  const silent = silentWorkers(cluster);
  if (expected !== null && (joined > 0 || silent === 0)) {
    const basis = 'Workers that report themselves';
    const words = `${ready} of ${expected} workers ready`;
    return { ready, joined, total: Math.max(expected, joined), words, basis, hasBar: true };
  }
  if (joined > 0) {
    const basis = 'Workers that report themselves';
    const words = `${ready} of ${counted(joined, 'worker')} ready`;
    return { ready, joined, total: joined, words, basis, hasBar: true };
  }
  const basis = 'Fetches of the address: old images do not report themselves';
  if (expected !== null) {
    const words = `${silent} of ${expected} have fetched the address`;
    const total = Math.max(expected, silent);
    return { ready: 0, joined: silent, total, words, basis, hasBar: true };
  }
  const words = silent === 0 ? 'No worker yet' : counted(silent, 'fetch of the address');
  return { ready: 0, joined: silent, total: silent, words, basis, hasBar: false };
}

/** What needs a look, in few words. */
export function alarmsOf(cluster: Cluster): { words: string; tone: Tone }[] {
  const { second_masters: second, master_changes: changes, workers } = cluster;
  const { failed } = workers;
  return [
    ...(second > 0 ? [{ words: 'Second master', tone: 'bad' as const }] : []),
    ...(changes > 0 ? [{ words: 'Master changed', tone: 'bad' as const }] : []),
    ...(failed > 0 ? [{ words: `${counted(failed, 'worker')} failed`, tone: 'bad' as const }] : []),
  ];
}

/** The time from the PIN to the cluster: to the last expected worker, or to the first worker. Undefined before. */
export function timeToPair(cluster: Cluster): string | undefined {
  const { creation_time: start, completed_time: completed, first_fetch_time: first } = cluster;
  if (completed) return `complete in ${durationText(between(start, completed))}`;
  return first ? `first worker in ${durationText(between(start, first))}` : undefined;
}

export function counted(count: number, what: string): string {
  if (count === 1) return `1 ${what}`;
  return what.startsWith('fetch') ? `${count} fetches${what.slice(5)}` : `${count} ${what}s`;
}

/** What a title of a browser's tab says of the cluster. */
export function titleOf(cluster: Cluster, name: string): string {
  const { words } = statusOf(cluster);
  const { expected, ready } = cluster.workers;
  const count = cluster.state === 'ready' && expected !== null ? ` ${ready}/${expected}` : '';
  return `${alarmsOf(cluster).length > 0 ? '⚠ ' : ''}${words}${count} · ${name}`;
}

/** The name of a cluster. */
export function nameOf({ description, hint }: Pick<Issuance, 'description' | 'hint'>): string {
  return description ?? `Cluster ${hint}…`;
}
