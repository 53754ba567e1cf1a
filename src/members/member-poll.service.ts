import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import type { MemberState } from '../clusters/cluster.js';
import { ClusterStore, type MemberCounts } from '../clusters/cluster.store.js';
import type { ClusterCipher } from '../clusters/cluster.cipher.js';
import { PinResolver } from '../clusters/pin.resolver.js';
import { Settings } from '../config/settings.js';
import { PairingError, UnknownPinError } from '../errors/pairing-error.js';
import type { Waited } from '../http/prefer.js';
import type { Query } from '../waiting/query.js';
import { type Client, type WaitOptions, WaitingService } from '../waiting/waiting.service.js';
import type { Member } from './member.js';
import { countIn, MemberList } from './member-list.js';
import { MemberCountsQuery, MemberListQuery } from './member-queries.js';
import { MemberReader } from './member-reader.js';
import { openMember } from './sealed-member.js';

/** A client that may want to wait. */
export interface WaitingClient extends Client {
  /** Undefined when it does not say. */
  readonly preferredSeconds: number | undefined;
}

/** Which list a client wants. */
export interface WantedList {
  /** Undefined: members in any state. */
  readonly state: MemberState | undefined;
  /** How many of them there must be. */
  readonly atLeast: number;
  /** Whether the client has this list already. Undefined when it has none. */
  readonly isKnown: ((list: MemberList) => boolean) | undefined;
}

/** The answer to a request for the list: the list if there are enough members, and whether the client has it already. */
export interface ListAnswer extends Waited {
  readonly list: MemberList | undefined;
  readonly isKnown: boolean;
}

export interface MemberAnswer extends Waited {
  /** Undefined when there is no such member. */
  readonly member: Member | undefined;
}

/** Answers requests for members: at once, or when they are as the client wants them. */
@Injectable()
export class MemberPollService {
  constructor(
    private readonly reader: MemberReader,
    private readonly store: ClusterStore,
    private readonly pins: PinResolver,
    private readonly waiting: WaitingService,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /**
   * The members of a cluster. Waits until there are enough and, if the client has a list, until it has changed. Fails
   * with `UnknownPinError`, with `not-found` when the cluster ends meanwhile, and with `storage-unavailable`, as `one`
   * does.
   */
  async list(
    pin: string,
    { state, atLeast, isKnown }: WantedList,
    client: WaitingClient,
  ): Promise<ListAnswer> {
    const cipher = await this.pins.resolve(pin);
    const isEnough = ({ workers }: MemberCounts) => countIn(workers, state) >= atLeast;
    // Numbers are enough for a client that has no list: a thousand such clients cost one small read a change.
    if (!isKnown) {
      const query = new MemberCountsQuery(this.reader, cipher);
      const { result, ...waited } = await this.wait(query, isEnough, client);
      const list = isEnough(result) ? await this.reader.listOf(cipher, result) : undefined;
      return { list: list && isEnough(list) ? list : undefined, isKnown: false, ...waited };
    }
    const isWanted = (list: MemberList) => isEnough(list) && !isKnown(list);
    const { result, ...waited } = await this.waitForChange(cipher, isWanted, client);
    return { list: isEnough(result) ? result : undefined, isKnown: isKnown(result), ...waited };
  }

  /**
   * Waits for another list than the one that the client has. All that wait share each read, and the first one as well: a
   * client that asks again at once, while many join, would otherwise get a list with each of them.
   */
  private async waitForChange(
    cipher: ClusterCipher,
    isWanted: (list: MemberList) => boolean,
    client: WaitingClient,
  ): Promise<Waited & { result: MemberList }> {
    const { expiresAt } = await this.reader.counts(cipher);
    let last: MemberList | undefined;
    const accepts = (list: MemberList) => isWanted((last = list));
    const query = new MemberListQuery(this.reader, cipher);
    const options = { seconds: this.secondsFor(client), expiresAt, readFirst: true };
    return this.hold(query, accepts, options, client, () => last ?? query.read());
  }

  /** One member. Waits until it has joined. */
  async one(pin: string, name: string, client: WaitingClient): Promise<MemberAnswer> {
    const cipher = await this.pins.resolve(pin);
    const stored = await this.store.member(cipher.id, cipher.handleOf(name));
    if (stored === 'no-cluster') throw new UnknownPinError();
    if (stored !== 'missing') {
      return { member: openMember(cipher, stored).member, ...this.atOnce(client) };
    }
    if (!client.preferredSeconds) return { member: undefined, ...this.atOnce(client) };
    const memberIn = ({ members }: MemberList) => members.find((member) => member.name === name);
    const query = new MemberListQuery(this.reader, cipher);
    const { result, ...waited } = await this.wait(query, (list) => !!memberIn(list), client);
    return { member: memberIn(result), ...waited };
  }

  /** The first result that is accepted; when there is none in time, the one that was read first. */
  private async wait<T extends MemberCounts>(
    query: Query<T>,
    accepts: (result: T) => boolean,
    client: WaitingClient,
  ): Promise<Waited & { result: T }> {
    const first = await query.read();
    const seconds = this.secondsFor(client);
    if (seconds === 0 || accepts(first)) return { result: first, ...this.atOnce(client) };
    const options = { seconds, expiresAt: first.expiresAt };
    return this.hold(query, accepts, options, client, () => first);
  }

  /** Holds a request. `otherwise` is its result when it cannot be held, or none was accepted in time. */
  private async hold<T>(
    query: Query<T>,
    accepts: (result: T) => boolean,
    options: WaitOptions,
    client: WaitingClient,
    otherwise: () => T | Promise<T>,
  ): Promise<Waited & { result: T }> {
    const wait =
      options.seconds > 0 ? this.waiting.waitFor(query, accepts, options, client) : undefined;
    if (!wait) {
      const { isStopping } = this.waiting;
      return { result: await otherwise(), grantedSeconds: undefined, isStopping };
    }
    const { result, reason, effectiveSeconds } = await wait;
    if (reason === 'cluster-ended' || this.clock.now() >= options.expiresAt) {
      throw new PairingError('not-found');
    }
    return {
      result: result ?? (await otherwise()),
      grantedSeconds: effectiveSeconds,
      isStopping: reason === 'stopping',
    };
  }

  private secondsFor({ preferredSeconds = 0 }: WaitingClient): number {
    return Math.min(preferredSeconds, this.settings.maxWaitSeconds);
  }

  private atOnce(client: WaitingClient): Waited {
    return { grantedSeconds: this.secondsFor(client) || undefined, isStopping: false };
  }
}
