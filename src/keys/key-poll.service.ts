import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { isMasterKey, MASTER_IP, MASTER_READY } from '../clusters/cluster.js';
import { ClusterSignals } from '../clusters/cluster.signals.js';
import { Settings } from '../config/settings.js';
import type { Waited } from '../http/prefer.js';
import { type Client, WaitingService } from '../waiting/waiting.service.js';
import type { KeyValue } from './key.js';
import { KeyCache } from './key-cache.js';
import { KeyQuery } from './key-query.js';
import { KeyReader, type KeyReading } from './key-reader.js';
import { WorkerMarks } from './worker-marks.js';

/** How a client asks for a key. */
export interface KeyPoll {
  /** The seconds that the client wants to wait for the key. Undefined when it does not say. */
  readonly preferredSeconds: number | undefined;
  /** False for HEAD, which no worker sends. */
  readonly isFetch: boolean;
}

/** The answer to a poll. */
export interface KeyAnswer extends Waited {
  /** Undefined when there is no such key. */
  readonly key: KeyValue | undefined;
  /** Whether the state of the cluster is `failed`. */
  readonly hasFailed: boolean;
}

/**
 * How long field images are held after the registration of the master. Before and after this time they are
 * answered at once, so a machine gives up at most this much later: as long as its own 25 minutes.
 */
const MAX_FIELD_IMAGE_HOLD_MS = 25 * 60_000;

/** Answers workers that ask for one key: at once, or when it has been added. */
@Injectable()
export class KeyPollService {
  constructor(
    private readonly cache: KeyCache,
    private readonly reader: KeyReader,
    private readonly waiting: WaitingService,
    private readonly marks: WorkerMarks,
    private readonly signals: ClusterSignals,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** Fails with `UnknownPinError` and `storage-unavailable`. */
  async poll(pin: string, name: string, poll: KeyPoll, client: Client): Promise<KeyAnswer> {
    await this.signals.delivered(); // so that the answer includes each change that was signalled before this request
    const reading = await this.cache.get(pin, name);
    const seconds = this.secondsFor(poll, name, reading);
    const answer = this.answerAtOnce(reading, name, poll, seconds);
    if (answer) return answer;

    const { promise, resolve } = Promise.withResolvers<KeyAnswer>();
    if (this.hold(reading, name, poll, seconds, client, resolve)) return promise;
    return { ...reading, isStopping: this.waiting.isStopping };
  }

  /**
   * The answer of `poll`, if it needs neither the store nor a wait. To be called at the end of a turn, when all signals
   * have been delivered.
   */
  pollCache(pin: string, name: string, poll: KeyPoll): KeyAnswer | undefined {
    if (this.waiting.isStopping) return undefined; // the general way then closes the connection
    const reading = this.cache.peek(pin, name);
    return reading && this.answerAtOnce(reading, name, poll, this.secondsFor(poll, name, reading));
  }

  /**
   * Holds a poll whose reading is cached and has no key, and calls `onAnswer` at the end, without a promise. Returns false
   * when `poll` must answer it. To be called as `pollCache` is.
   */
  holdCached(
    pin: string,
    name: string,
    poll: KeyPoll,
    client: Client,
    onAnswer: (answer: KeyAnswer) => void,
  ): boolean {
    const reading = this.cache.peek(pin, name);
    if (!reading || reading.key) return false;
    const seconds = this.secondsFor(poll, name, reading);
    return seconds > 0 && this.hold(reading, name, poll, seconds, client, onAnswer);
  }

  /**
   * Resolves to whether a read of this key is going on; begins one if its cluster was asked for lately. Otherwise `poll` must
   * read it. To be called as `pollCache` is. Fails with `storage-unavailable`.
   */
  async renew(pin: string, name: string): Promise<boolean> {
    return !this.waiting.isStopping && this.cache.renew(pin, name);
  }

  /** Resolves when the read of a key has ended that is going on, or that a poll of this turn begins. */
  async whenRead(pin: string, name: string): Promise<void> {
    await this.signals.delivered();
    await this.cache.whenRead(pin, name);
  }

  /** Undefined when the request is to be held. */
  private answerAtOnce(
    reading: KeyReading,
    name: string,
    poll: KeyPoll,
    seconds: number,
  ): KeyAnswer | undefined {
    if (reading.key) return this.answer(reading, name, poll, seconds);
    if (poll.isFetch && isMasterKey(name)) this.marks.askedForMissingMaster(reading.cipher.id);
    return seconds === 0 ? reading : undefined;
  }

  /** For how many seconds the poll is held if the key is missing. */
  private secondsFor({ preferredSeconds }: KeyPoll, name: string, reading: KeyReading): number {
    if (endsWait(name, reading)) return 0;
    const seconds = preferredSeconds ?? this.secondsForFieldImage(name, reading);
    return Math.min(seconds, this.settings.maxWaitSeconds);
  }

  /**
   * A field image does not ask to wait, and gives up after a number of tries. It is held only while it waits for a
   * registered master to be ready, so that it gives up at most `MAX_FIELD_IMAGE_HOLD_MS` later.
   */
  private secondsForFieldImage(name: string, { masterAddedAt }: KeyReading): number {
    const { holdSeconds, holdBeforeMaster } = this.settings;
    if (holdBeforeMaster) return holdSeconds;
    if (name !== MASTER_READY || masterAddedAt === undefined) return 0;
    const leftMs = masterAddedAt + MAX_FIELD_IMAGE_HOLD_MS - this.clock.now();
    return Math.min(holdSeconds, Math.max(0, leftMs / 1_000));
  }

  /** Returns false when the request cannot be held. */
  private hold(
    reading: KeyReading,
    name: string,
    poll: KeyPoll,
    seconds: number,
    client: Client,
    onAnswer: (answer: KeyAnswer) => void,
  ): boolean {
    const { cipher, expiresAt } = reading;
    return this.waiting.wait(
      new KeyQuery(this.reader, cipher, name),
      isMasterKey(name) ? hasKeyOrFailed : hasKey,
      { seconds, expiresAt },
      client,
      ({ result = reading, effectiveSeconds }) =>
        onAnswer(this.answer(result, name, poll, effectiveSeconds)),
    );
  }

  private answer(reading: KeyReading, name: string, poll: KeyPoll, seconds: number): KeyAnswer {
    const { cipher, key, hasFailed } = reading;
    if (key && name === MASTER_IP && poll.isFetch) this.marks.fetched(cipher.id);
    const isStopping = !key && this.waiting.isStopping;
    if (!poll.preferredSeconds && !isStopping) return reading; // as for most polls, without a new object
    return { key, grantedSeconds: poll.preferredSeconds && seconds, isStopping, hasFailed };
  }
}

/** Whether there is no point in waiting for this key, because the master has failed. */
function endsWait(name: string, { hasFailed }: KeyReading): boolean {
  return hasFailed && isMasterKey(name);
}

function hasKey({ key }: KeyReading): boolean {
  return key !== undefined;
}

function hasKeyOrFailed({ key, hasFailed }: KeyReading): boolean {
  return key !== undefined || hasFailed;
}
