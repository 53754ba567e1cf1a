import { createHash } from 'node:crypto';
import type { MemberState, Workers } from '../clusters/cluster.js';
import type { MemberCounts } from '../clusters/cluster.store.js';
import type { Format } from '../http/format.js';
import { MemberItem } from './member.dto.js';
import { hostsLineOf, type Member } from './member.js';

/** The body of an answer, with its entity tag without quotes (RFC 9110, section 8.8.3). */
export interface Representation {
  readonly body: Buffer;
  readonly etag: string;
}

/** All members of a cluster at one time. It never changes, and the bodies made of it are shared by all answers. */
export class MemberList implements MemberCounts {
  readonly revision: number;
  readonly expiresAt: number;
  readonly workers: Workers;
  private readonly representations = new Map<string, Representation>();

  constructor(
    readonly clusterId: string,
    { revision, expiresAt, workers }: MemberCounts,
    /** In order of joining. */
    readonly members: readonly Member[],
  ) {
    this.revision = revision;
    this.expiresAt = expiresAt;
    // Counted here, because members may have joined or left since the store has counted them.
    this.workers = { expected: workers.expected, ...countedIn(members) };
  }

  /** The members in this state, or all of them. The tag is made of the body, so it is the same on every replica. */
  as(format: Format, state?: MemberState): Representation {
    const key = `${format} ${state ?? ''}`;
    const known = this.representations.get(key);
    if (known) return known;
    const members = this.members.filter((member) => state === undefined || member.state === state);
    const text =
      format === 'json'
        ? JSON.stringify(members.map((member) => new MemberItem(member)))
        : members.map(hostsLineOf).join('');
    // Not `Buffer.from`: a short text would keep the whole of Node's pool, 64 KiB, for as long as the list is cached.
    const body = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
    body.write(text);
    const etag = createHash('sha256').update(body).digest('base64url').slice(0, 22);
    const representation = { body, etag };
    this.representations.set(key, representation);
    return representation;
  }
}

function countedIn(members: readonly Member[]): Omit<Workers, 'expected'> {
  const numberOf = (wanted: MemberState) => members.filter(({ state }) => state === wanted).length;
  return { joined: members.length, ready: numberOf('ready'), failed: numberOf('failed') };
}

/** How many members are in this state, or how many there are. */
export function countIn({ joined, ready, failed }: Workers, state?: MemberState): number {
  if (state === undefined) return joined;
  return { ready, failed, waiting: joined - ready - failed }[state];
}
