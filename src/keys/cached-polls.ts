import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { PIN_LENGTH } from '../clusters/pin.js';
import { Settings } from '../config/settings.js';
import { inBackground } from '../errors/in-background.js';
import { formatOfUsual, textFirstHeaders } from '../http/format.js';
import { apiHeaders } from '../http/headers.js';
import { preferredWait } from '../http/prefer.js';
import { pollAnswer } from './key-answer.js';
import { KeyPollService } from './key-poll.service.js';

/** The template of the route of polls. */
export const POLL_ROUTE = '/api/v1/clusters/:pin/keys/:key';
const [BEFORE_PIN, AFTER_PIN] = POLL_ROUTE.split(/:pin|:key/) as [string, string];
const PIN_END = BEFORE_PIN.length + PIN_LENGTH;
const KEY_START = PIN_END + AFTER_PIN.length;

/** Called after each answer, with the milliseconds since its request. */
type OnAnswered = (status: number, ms: number) => void;

/**
 * Answers polls from the cache, ahead of Fastify and without a promise (ADR 25): nearly all requests are such polls,
 * and the way through Fastify and Nest is a third of their cost. All other requests, and polls that must read the store
 * or wait, go the general way. Both ways decide by `KeyPollService` and answer by `pollAnswer`.
 */
@Injectable()
export class CachedPolls {
  /** The polls of this turn of the event loop, and when the first of them came. */
  private turn: ServerResponse[] = [];
  private turnBegan = 0;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(
    private readonly polls: KeyPollService,
    settings: Settings,
  ) {
    this.headers = { ...apiHeaders(settings), ...textFirstHeaders };
  }

  /** Begins to answer the polls of a server, whose only listener so far is the general way. */
  serve(server: Server, onAnswered: OnAnswered): void {
    const [general] = server.listeners('request') as [RequestListener];
    const isAnswered = (response: ServerResponse, began: number): boolean => {
      if (!this.answer(response)) return false;
      onAnswered(response.statusCode, performance.now() - began);
      return true;
    };
    const follow = async (responses: ServerResponse[], began: number): Promise<void> => {
      await this.polls.whenRead(...pinAndKey(responses[0]!));
      for (const response of responses) {
        if (!isAnswered(response, began)) general(response.req, response);
      }
    };
    const answerTurn = () => {
      const { turn, turnBegan } = this;
      this.turn = [];
      const missed = turn.filter((response) => !isAnswered(response, turnBegan));
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

  /** Returns false when the poll must go the general way. */
  private answer(response: ServerResponse): boolean {
    const { headers } = response.req;
    const format = formatOfUsual(headers.accept);
    if (format === undefined || !response.socket?.writable) return false;
    const found = this.polls.pollCache(...pinAndKey(response), {
      preferredSeconds: preferredWait(headers.prefer),
      isFetch: true,
    });
    if (!found) return false;
    const answer = pollAnswer(found, format);
    response.writeHead(answer.status, {
      ...this.headers,
      ...answer.headers,
      'content-length': Buffer.byteLength(answer.body),
    });
    response.end(answer.body);
    return true;
  }
}

/** What a poll in its usual spelling asks for. */
function pinAndKey({ req: { url = '' } }: ServerResponse): [pin: string, key: string] {
  return [url.slice(BEFORE_PIN.length, PIN_END), url.slice(KEY_START)];
}

/** Whether this is a poll in its usual spelling. A PIN or key that is not valid is not in the cache. */
function isPoll({ method, url = '' }: IncomingMessage): boolean {
  return method === 'GET' && url.startsWith(BEFORE_PIN) && url.startsWith(AFTER_PIN, PIN_END);
}
