import { expect } from '@jest/globals';
import { secrets } from './secrets.js';

/** An answer with its body read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body read as JSON. */
  readonly json: unknown;
}

/** The differences of a request from a plain GET. */
export interface Request {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as a form. */
  readonly form?: Record<string, string> | string;
  /** Sent unchanged. */
  readonly body?: string | undefined;
}

/** A client of the API below `/api/v1`, which never follows a redirect. */
export function apiOf(serviceUrl: string) {
  return async (path: string, request: Request = {}): Promise<Answer> => {
    const [body, type] = encode(request);
    secrets.request(path, request.headers, body);
    const response = await fetch(`${serviceUrl}/api/v1${path}`, {
      method: request.method ?? 'GET',
      redirect: 'manual',
      headers: { ...(type && { 'content-type': type }), ...request.headers },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    secrets.answer(text);
    if (!response.ok) secrets.output(`the refusal of ${request.method ?? 'GET'}`, () => text);
    return {
      status: response.status,
      headers: response.headers,
      text,
      get json() {
        return JSON.parse(text) as unknown;
      },
    };
  };
}

export type Api = ReturnType<typeof apiOf>;

export const asJson = { headers: { accept: 'application/json' } };

function encode({ json, form, body }: Request): [string | undefined, string | undefined] {
  if (json !== undefined) return [JSON.stringify(json), 'application/json'];
  if (form === undefined) return [body, undefined];
  return [new URLSearchParams(form).toString(), 'application/x-www-form-urlencoded'];
}

/** An error response in JSON, for comparison. */
export function problem(status: number, code: string, errors?: Record<string, unknown[]>) {
  return expect.objectContaining({
    status,
    code,
    title: expect.any(String),
    detail: expect.any(String),
    ...(errors && { errors }),
  });
}
