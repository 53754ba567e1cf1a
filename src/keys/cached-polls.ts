import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { PIN_LENGTH } from '../clusters/pin.js';
import { Settings } from '../config/settings.js';
import { inBackground } from '../errors/in-background.js';
import type { Answer } from '../http/answer.js';
import { clientAddress, type Trust, trustOf } from '../http/client-address.js';
import { type Format, formatOfUsual, textFirstHeaders } from '../http/format.js';
import { apiHeaders } from '../http/headers.js';
import { preferredWait } from '../http/prefer.js';
import { pollAnswer } from './key-answer.js';
import { type KeyAnswer, type KeyPoll, KeyPollService } from './key-poll.service.js';

/** The template of the route of polls. */
export const POLL_ROUTE = '/api/v1/clusters/:pin/keys/:key';
const [BEFORE_PIN, AFTER_PIN] = POLL_ROUTE.split(/:pin|:key/) as [string, string];
const PIN_END = BEFORE_PIN.length + PIN_LENGTH;
const KEY_START = PIN_END + AFTER_PIN.length;

/** Called after each answer, with the milliseconds since its request. */
type OnAnswered = (status: number, ms: number, wasHeld: boolean) => void;

/**
 * Answers polls from the cache, or holds them, ahead of Fastify and without a promise (ADR 25): nearly all requests are
 * such polls, and the way through Fastify and Nest is a third of their cost. All other requests, and polls that must read
 * the store, go the general way. Both ways decide by `KeyPollService` and answer by `pollAnswer`.
 */
@Injectable()
export class CachedPolls {
  /** The polls of this turn of the event loop, and when the first of them came. */
  private turn: ServerResponse[] = [];
  private turnBegan = 0;
  private readonly headers: HeaderLists;
  /** The last answer of this turn to a request that was held. */
  private afterWait: { found: KeyAnswer; format: Format; answer: Answer } | undefined;
  private readonly isTrusted: Trust;

  constructor(
    private readonly polls: KeyPollService,
    settings: Settings,
  ) {
    this.headers = new HeaderLists({ ...apiHeaders(settings), ...textFirstHeaders });
    this.isTrusted = trustOf(settings.trustedProxies);
  }

  /** Begins to answer the polls of a server, whose only listener so far is the general way. */
  serve(server: Server, onAnswered: OnAnswered): void {
    const [general] = server.listeners('request') as [RequestListener];
    const isTaken = (response: ServerResponse, began: number): boolean => {
      if (!this.answer(response)) return this.hold(response, began, onAnswered);
      onAnswered(response.statusCode, performance.now() - began, false);
      return true;
    };
    const follow = async (responses: ServerResponse[], began: number): Promise<void> => {
      const { url } = responses[0]!.req;
      await this.polls.whenRead(pinOf(url), keyOf(url));
      for (const response of responses) {
        if (!isTaken(response, began)) general(response.req, response);
      }
    };
    const answerTurn = () => {
      const { turn, turnBegan } = this;
      this.turn = [];
      const missed: ServerResponse[] = [];
      for (const response of turn) if (!isTaken(response, turnBegan)) missed.push(response);
      if (missed.length === 0) return;
      // When a cluster boots, a thousand machines ask in one turn for a key that is not cached yet. One of them reads it.
      for (const [first, ...others] of Map.groupBy(missed, ({ req }) => req.url).values()) {
        general(first!.req, first!);
        if (others.length > 0)
          inBackground('Polls that wait for a read', follow(others, turnBegan));
      }
    };
    server.removeListener('request', general);
    server.on('request', (request, response) => {
      // Without a socket, earlier answers of its connection are missing.
      if (!isPoll(request) || response.socket === null) return general(request, response);
      if (this.turn.length === 0) {
        this.turnBegan = performance.now();
        setImmediate(answerTurn); // all signals have been delivered by then, as `ClusterSignals.delivered` says
      }
      this.turn.push(response);
    });
  }

  /** Returns false when the poll must be held or go the general way. */
  private answer(response: ServerResponse): boolean {
    const { url } = response.req;
    const format = formatFor(response);
    const found = format && this.polls.pollCache(pinOf(url), keyOf(url), pollOf(response));
    if (!found) return false;
    this.send(response, pollAnswer(found, format));
    return true;
  }

  /** Returns false when the poll must go the general way. */
  private hold(response: ServerResponse, began: number, onAnswered: OnAnswered): boolean {
    const { socket, headers, url } = response.req;
    const format = formatFor(response);
    const address = clientAddress(socket.remoteAddress, headers['x-forwarded-for'], this.isTrusted);
    if (format === undefined || address === undefined) return false;
    const client = { address, response };
    return this.polls.holdCached(pinOf(url), keyOf(url), pollOf(response), client, (found) => {
      if (response.closed) return; // the client has gone
      this.send(response, this.answerAfterWait(found, format));
      onAnswered(response.statusCode, performance.now() - began, true);
    });
  }

  /** Machines that have waited for the same key are answered in one turn, and their answer is made once. */
  private answerAfterWait(found: KeyAnswer, format: Format): Answer {
    const { afterWait } = this;
    if (afterWait?.format === format && isSameAnswer(afterWait.found, found))
      return afterWait.answer;
    const answer = pollAnswer(found, format);
    this.afterWait = { found, format, answer };
    setImmediate(() => (this.afterWait = undefined)); // it may be a secret
    return answer;
  }

  private send(response: ServerResponse, { status, headers, body }: Answer): void {
    const length = Buffer.byteLength(body);
    response.writeHead(status, this.headers.of(headers, length));
    response.end(body, length === body.length ? 'latin1' : 'utf8'); // ASCII is written faster as latin1
  }
}

/**
 * The headers of answers as lists of names and values, which Node writes as they are. To spread them into an object for
 * each answer costs a microsecond.
 */
class HeaderLists {
  /** By the headers of the answer itself. Most answers share a few objects of them. */
  private readonly lists = new WeakMap<Answer['headers'], string[]>();

  /** `common` are the headers of every answer. */
  constructor(private readonly common: Answer['headers']) {}

  /** Valid until the next call: Node has written the headers by then. */
  of(own: Answer['headers'], contentLength: number): string[] {
    let list = this.lists.get(own);
    if (!list) {
      list = Object.entries({ ...this.common, ...own, 'content-length': '' }).flat();
      this.lists.set(own, list);
    }
    list[list.length - 1] = String(contentLength);
    return list;
  }
}

/** Undefined when the format must be negotiated, or the connection is gone. */
function formatFor({ req, socket }: ServerResponse): Format | undefined {
  return socket?.writable ? formatOfUsual(req.headers.accept) : undefined;
}

function pollOf({ req }: ServerResponse): KeyPoll {
  return { preferredSeconds: preferredWait(req.headers.prefer), isFetch: true };
}

function isSameAnswer(one: KeyAnswer, other: KeyAnswer): boolean {
  return (
    one.key === other.key &&
    one.hasFailed === other.hasFailed &&
    one.grantedSeconds === other.grantedSeconds &&
    one.isStopping === other.isStopping
  );
}

/** The PIN in the URL of a poll in its usual spelling. */
function pinOf(url = ''): string {
  return url.slice(BEFORE_PIN.length, PIN_END);
}

/** The key in it. */
function keyOf(url = ''): string {
  return url.slice(KEY_START);
}

/** Whether this is a poll in its usual spelling. A PIN or key that is not valid is not in the cache. */
function isPoll({ method, url = '' }: IncomingMessage): boolean {
  return method === 'GET' && url.startsWith(BEFORE_PIN) && url.startsWith(AFTER_PIN, PIN_END);
}
