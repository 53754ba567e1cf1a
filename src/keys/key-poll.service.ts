import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { isMasterKey, MASTER_IP, MASTER_READY } from '../clusters/cluster.js';
import { ClusterSignals } from '../clusters/cluster.signals.js';
import { Settings } from '../config/settings.js';
import { type Client, WaitingService, type WaitResult } from '../waiting/waiting.service.js';
import type { KeyValue } from './key.js';
import { KeyCache } from './key-cache.js';
import { KeyQuery } from './key-query.js';
import { KeyReader, type KeyReading } from './key-reader.js';
import { WorkerMarks } from './worker-marks.js';

/** How a client asks for a key. */
export interface KeyPoll extends Client {
  /** The seconds that it would wait for the key; undefined when it does not say. */
  readonly preferredSeconds: number | undefined;
  /** False for HEAD, which tells nothing about a worker. */
  readonly isFetch: boolean;
}

/** How a poll is answered. */
export interface KeyAnswer {
  /** Undefined: it is not there. */
  readonly key: KeyValue | undefined;
  /** The seconds granted to a client that asked for some; undefined when it was not held. */
  readonly grantedSeconds?: number | undefined;
  /** The service stops: the client should ask another replica. */
  readonly isStopping?: boolean;
}

/**
 * How long after the registration of the master field images are held. Before and after, they are answered
 * at once, so this is the most by which a machine gives up later: as long as its own 25 minutes.
 */
const MAX_STRETCH_MS = 25 * 60_000;

const NOT_THERE: KeyAnswer = { key: undefined };

/** Answers workers that ask for one key: at once, or when it is there. */
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
  async poll(pin: string, name: string, poll: KeyPoll): Promise<KeyAnswer> {
    await this.signals.delivered(); // a change that arrived before this request comes before its answer
    const reading = await this.cache.get(pin, name);
    const seconds = this.secondsFor(poll, name, reading);
    if (reading.key) return this.answer(reading, name, poll, seconds);

    if (poll.isFetch && isMasterKey(name)) this.marks.askedInVain(reading.cipher.id);
    if (seconds === 0) return NOT_THERE;
    const wait = this.wait(reading, name, seconds, poll);
    if (!wait) return { key: undefined, isStopping: this.waiting.isStopping };
    const { result = reading, effectiveSeconds } = await wait;
    return this.answer(result, name, poll, effectiveSeconds);
  }

  /** How long the poll is held if the key is missing. */
  private secondsFor({ preferredSeconds }: KeyPoll, name: string, reading: KeyReading): number {
    const seconds = preferredSeconds ?? this.secondsForFieldImage(name, reading);
    return Math.min(seconds, this.settings.maxWaitSeconds);
  }

  /**
   * A field image does not ask to wait, and counts its tries. It is held while it waits for a master that has
   * registered, so that it gives up `MAX_STRETCH_MS` later at most.
   */
  private secondsForFieldImage(name: string, { masterAddedAt }: KeyReading): number {
    const { holdSeconds, holdBeforeMaster } = this.settings;
    if (holdBeforeMaster) return holdSeconds;
    if (name !== MASTER_READY || masterAddedAt === undefined) return 0;
    const leftMs = masterAddedAt + MAX_STRETCH_MS - this.clock.now();
    return Math.min(holdSeconds, Math.max(0, leftMs / 1_000));
  }

  /** Undefined when the request cannot be held. */
  private wait(
    { cipher, expiresAt }: KeyReading,
    name: string,
    seconds: number,
    client: Client,
  ): Promise<WaitResult<KeyReading>> | undefined {
    const query = new KeyQuery(this.reader, cipher, name);
    return this.waiting.waitFor(
      query,
      ({ key }) => key !== undefined,
      { seconds, expiresAt },
      client,
    );
  }

  private answer(reading: KeyReading, name: string, poll: KeyPoll, seconds: number): KeyAnswer {
    const { cipher, key } = reading;
    if (key && name === MASTER_IP && poll.isFetch) this.marks.fetched(cipher.id);
    const isStopping = !key && this.waiting.isStopping;
    if (!poll.preferredSeconds && !isStopping) return reading; // as most: nothing to add
    return { key, grantedSeconds: poll.preferredSeconds && seconds, isStopping };
  }
}
