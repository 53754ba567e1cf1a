import type { RequestListener, Server } from 'node:http';
import { Injectable } from '@nestjs/common';
import { PIN_LENGTH } from '../clusters/pin.js';
import { Settings } from '../config/settings.js';
import { inBackground } from '../errors/in-background.js';
import type { Answer } from '../http/answer.js';
import { clientAddress, type Trust, trustOf } from '../http/client-address.js';
import { type Format, formatOfUsual, textFirstHeaders } from '../http/format.js';
import { AnswerHeaders, type Exchange, NodeExchange } from '../http/exchange.js';
import { apiHeaders } from '../http/headers.js';
import type { PlainConnections } from '../http/plain-connections.js';
import { preferredWait } from '../http/prefer.js';
import { pollAnswer } from './key-answer.js';
import { type KeyAnswer, KeyPollService } from './key-poll.service.js';

/** The template of the route of polls. */
export const POLL_ROUTE = '/api/v1/clusters/:pin/keys/:key';
const [BEFORE_PIN, AFTER_PIN] = POLL_ROUTE.split(/:pin|:key/) as [string, string];
const PIN_END = BEFORE_PIN.length + PIN_LENGTH;
const KEY_START = PIN_END + AFTER_PIN.length;

/** Called after each answer, with the milliseconds since its request. */
type OnAnswered = (status: number, ms: number, wasHeld: boolean) => void;

/**
 * Answers polls from the cache, or holds them, ahead of Fastify and without a promise (ADR 25): nearly all requests are
 * such polls, and the way through Fastify and Nest is more than half of their cost. All other requests, and polls that
 * must read the store, go the general way. Both ways decide by `KeyPollService` and answer by `pollAnswer`.
 */
@Injectable()
export class CachedPolls {
  /** The polls of this turn of the event loop, and when the first of them came. */
  private turn: Exchange[] = [];
  private turnBegan = 0;
  private onAnswered: OnAnswered = () => {};
  /** While a plain request is passed on, Node emits it again. */
  private isPassing = false;
  private readonly headers: AnswerHeaders;
  /** The last answer of this turn to a request that was held. */
  private afterWait: { found: KeyAnswer; format: Format; answer: Answer } | undefined;
  private readonly isTrusted: Trust;

  constructor(
    private readonly polls: KeyPollService,
    settings: Settings,
  ) {
    this.headers = new AnswerHeaders({ ...apiHeaders(settings), ...textFirstHeaders });
    this.isTrusted = trustOf(settings.trustedProxies);
  }

  /** Begins to answer the polls of a server, whose only listener for requests so far is Fastify. */
  serve(server: Server, plain: PlainConnections, onAnswered: OnAnswered): void {
    this.onAnswered = onAnswered;
    const [fastify] = server.listeners('request') as [RequestListener];
    server.removeListener('request', fastify);
    server.on('request', (request, response) => {
      // Without a socket, earlier answers of its connection are missing.
      const isAhead =
        isPoll(request.method, request.url) && !this.isPassing && response.socket !== null;
      if (isAhead) this.add(new NodeExchange(response, fastify));
      else fastify(request, response);
    });
    plain.serve((exchange) => {
      if (isPoll('GET', exchange.url)) this.add(exchange);
      else exchange.pass();
    });
  }

  private add(exchange: Exchange): void {
    if (this.turn.length === 0) {
      this.turnBegan = performance.now();
      setImmediate(this.answerTurn); // all signals have been delivered by then, as `ClusterSignals.delivered` says
    }
    this.turn.push(exchange);
  }

  private readonly answerTurn = (): void => {
    const { turn, turnBegan } = this;
    this.turn = [];
    const missed: Exchange[] = [];
    for (const exchange of turn) {
      if (this.take(exchange, turnBegan)) continue;
      if (exchange.writable) missed.push(exchange);
      else exchange.pass(); // the client has gone, and others must not wait for its read
    }
    if (missed.length === 0) return;
    for (const exchanges of Map.groupBy(missed, ({ url }) => url).values())
      inBackground('Polls that wait for a read', this.follow(exchanges, turnBegan));
  };

  private async follow(exchanges: Exchange[], began: number): Promise<void> {
    const { url } = exchanges[0]!;
    const [pin, key] = [pinOf(url), keyOf(url)];
    const isBeingRead = await this.polls.renew(pin, key).catch(() => false);
    // When a cluster boots, a thousand machines ask in one turn for a key that nobody has read. One of them reads it.
    if (!isBeingRead) this.pass(exchanges.shift()!);
    if (exchanges.length === 0) return;
    await this.polls.whenRead(pin, key);
    for (const exchange of exchanges) if (!this.take(exchange, began)) this.pass(exchange);
  }

  private pass(exchange: Exchange): void {
    this.isPassing = true;
    try {
      exchange.pass();
    } finally {
      this.isPassing = false;
    }
  }

  /** Answers or holds a poll. Returns false when it must go the general way. */
  private take(exchange: Exchange, began: number): boolean {
    const { url, headers } = exchange;
    const format = exchange.writable ? formatOfUsual(headers.accept) : undefined;
    if (format === undefined) return false; // it must be negotiated, or the connection is gone
    const [pin, key] = [pinOf(url), keyOf(url)];
    const poll = { preferredSeconds: preferredWait(headers.prefer), isFetch: true };
    const found = this.polls.pollCache(pin, key, poll);
    if (found) {
      this.send(exchange, pollAnswer(found, format), began, false);
      return true;
    }
    const forwardedFor = headers['x-forwarded-for'];
    const address = clientAddress(exchange.remoteAddress, forwardedFor, this.isTrusted);
    if (address === undefined) return false;
    return this.polls.holdCached(pin, key, poll, { address, response: exchange }, (answer) => {
      if (exchange.closed) return; // the client has gone
      this.send(exchange, this.answerAfterWait(answer, format), began, true);
    });
  }

  private send(exchange: Exchange, answer: Answer, began: number, wasHeld: boolean): void {
    exchange.send(this.headers.prepare(answer));
    this.onAnswered(answer.status, performance.now() - began, wasHeld);
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
function pinOf(url: string): string {
  return url.slice(BEFORE_PIN.length, PIN_END);
}

/** The key in it. */
function keyOf(url: string): string {
  return url.slice(KEY_START);
}

/** Whether this is a poll in its usual spelling. A PIN or key that is not valid is not in the cache. */
function isPoll(method = '', url = ''): boolean {
  return method === 'GET' && url.startsWith(BEFORE_PIN) && url.startsWith(AFTER_PIN, PIN_END);
}
