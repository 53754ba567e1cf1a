import { PairingError } from '../errors/pairing-error.js';
import type { Answer } from '../http/answer.js';
import { type Format, JSON_TYPE, TEXT } from '../http/format.js';
import { waitHeaders } from '../http/prefer.js';
import { problemAnswer } from '../http/problem.js';
import { KeyItem } from './key.dto.js';
import type { KeyValue } from './key.js';
import type { KeyAnswer } from './key-poll.service.js';

/** The answers to most polls. They are made only once, because each new error captures its stack. */
const notFound = {
  text: problemAnswer(new PairingError('not-found'), 'text'),
  json: problemAnswer(new PairingError('not-found'), 'json'),
};

const asText = { 'content-type': TEXT };
const asJson = { 'content-type': JSON_TYPE };

/** The answer with a key: `key: value` for boot scripts, JSON for a client that prefers it. */
export function keyAnswer(key: KeyValue, format: Format = 'text'): Answer {
  return format === 'json'
    ? { status: 200, headers: asJson, body: JSON.stringify(KeyItem.of(key)) }
    : { status: 200, headers: asText, body: `${key.name}: ${key.value}` };
}

/** The answer to a poll. */
export function pollAnswer(poll: KeyAnswer, format: Format = 'text'): Answer {
  const { key, grantedSeconds, isStopping, hasFailed } = poll;
  const answer = key ? keyAnswer(key, format) : notFound[format];
  const endsWait = !key && hasFailed;
  if (grantedSeconds === undefined && !isStopping && !endsWait) return answer;
  return {
    ...answer,
    headers: {
      ...waitHeaders(poll),
      ...(endsWait && { 'cluster-state': 'failed' }),
      ...answer.headers,
    },
  };
}
