import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import * as fc from 'fast-check';
import { issuePin } from '../pairing-api.ts';

/** The service under test. */
export interface Fuzzed {
  readonly url: string;
  /** A bearer token of a user who may issue PINs; it must not expire during the run. */
  readonly token: string;
  /** Called with each issued PIN. */
  readonly onPin?: (pin: string) => void;
}

/** A wrong answer, with everything to reproduce it. */
export interface Failure {
  readonly request: string;
  readonly answer: string;
  readonly reason: string;
}

interface Operation {
  readonly method: string;
  readonly path: string;
  /** The media types by status. */
  readonly answers: ReadonlyMap<number, ReadonlySet<string>>;
}

interface Response {
  content?: object;
  $ref?: string;
}

interface Description {
  paths: Record<string, Record<string, { responses: Record<string, Response> }>>;
  components: { responses: Record<string, Response> };
}

/** A request as bytes, and its expected answers. */
interface Attempt {
  readonly bytes: string;
  readonly operation: Operation;
  /** Malformed HTTP: Node may refuse it before it is routed. */
  readonly broken: boolean;
}

const LANES = 8;
const BATCH = 500;
const LIVE_PINS = 20;
/** A longer response time is a hang; generous, because the machine may be busy. */
const HANG_MS = 30_000;
/** The statuses that Node answers to malformed requests, and those that every route may answer. */
const REFUSALS = new Set([400, 404, 405, 408, 411, 413, 414, 415, 417, 431]);

/**
 * Sends random requests made from the service's OpenAPI description, valid and malformed, and returns the failures:
 * a 5xx, an undocumented status or type, no answer. The same seed makes the same requests.
 */
export async function fuzz({ url, token, onPin }: Fuzzed, seed: number, count: number) {
  const description = (await (await fetch(`${url}/api/docs-json`)).json()) as Description;
  const operations = operationsOf(description);
  const failures: Failure[] = [];
  const pins: string[] = [];
  const lanes = Array.from({ length: LANES }, () => new Connection(url));

  for (let sent = 0; sent < count; sent += BATCH) {
    const pin = await issuePin(url, token);
    onPin?.(pin);
    pins.push(pin);
    if (pins.length > LIVE_PINS) pins.shift();
    const numRuns = Math.min(BATCH, count - sent);
    const attempts = fc.sample(attempt(operations, pins, token), { seed: seed + sent, numRuns });
    await Promise.all(
      lanes.map(async (lane) => {
        for (let next = attempts.pop(); next; next = attempts.pop()) {
          const { bytes, operation, broken } = next;
          const answer = await lane.send(bytes, broken);
          const reason = problemOf(answer, operation, broken);
          if (reason) failures.push({ request: bytes, answer, reason });
        }
      }),
    );
  }
  for (const lane of lanes) lane.close();
  return failures;
}

function operationsOf({ paths, components }: Description): Operation[] {
  const contentOf = ({ content, $ref }: Response) =>
    content ?? components.responses[$ref?.split('/').at(-1) ?? '']?.content ?? {};
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { responses }]) => !('text/event-stream' in (responses['200']?.content ?? {})))
      .map(([method, { responses }]) => ({
        method: method.toUpperCase(),
        path,
        answers: new Map(
          Object.entries(responses).map(([status, response]) => [
            Number(status),
            new Set(Object.keys(contentOf(response))),
          ]),
        ),
      })),
  );
}

// --- Requests ----------------------------------------------------------------------------------------

const nasty = fc.constantFrom(
  '',
  ' ',
  '\0',
  '__proto__',
  'constructor',
  '../..',
  '%00',
  '%',
  '%ff%fe',
  '%2e%2e%2f',
  "' OR 1=1 --",
  '${jndi:x}',
  '1e999',
  'é'.repeat(10),
  '\u202e',
  '\u2066x',
  '\ud800',
  'a\0b',
  'a\nb',
  'a\r\nb',
  '\u001b[2J',
  'a\u2028b',
  '&/|;`$(x)',
  'x'.repeat(101),
  'x'.repeat(1_001),
  '9'.repeat(400),
);
const text = fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 40 }));
const number = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.constantFrom(-0, 1e308));
const value = fc.oneof({ weight: 3, arbitrary: text }, number, fc.jsonValue());
const fields = fc.dictionary(
  fc.oneof(fc.constantFrom('key', 'value', 'description', '__proto__', 'constructor'), text),
  fc.oneof({ weight: 2, arbitrary: fc.constantFrom('master_ip', '10.0.0.1', 'a') }, value),
  { maxKeys: 4 },
);
/** Brackets as deep as a body has room for, open or closed, with something in the middle. */
const nested = fc
  .record({
    open: fc.constantFrom('{"key":', '{"value":', '[', '[[1,2],', '{"a":[', '{"[":'),
    depth: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 9, max: 3_000 })),
    middle: fc.constantFrom('1', '"x"', 'null', '', '"\\"'),
    isClosed: fc.boolean(),
  })
  .map(({ open, depth, middle, isClosed }) => {
    const close = open
      .replaceAll(/[^{[]|"."/g, '')
      .replaceAll('{', '}')
      .replaceAll('[', ']');
    return open.repeat(depth) + middle + (isClosed ? close.repeat(depth) : '');
  });
const json = fc.oneof(
  fields.map((body) => JSON.stringify(body)),
  fc.jsonValue().map((body) => JSON.stringify(body)),
  nested,
  fc.constantFrom(
    '{',
    'null',
    '{"key":1e400,"value":-1e400}',
    '{"__proto__":{"value":"x"},"key":"a"}',
    '{"constructor":{"prototype":{"x":1}}}',
    '{"key":"a","key":"b","value":"x"}',
    '['.repeat(5_000),
    `${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`,
    `"${'x'.repeat(17_000)}"`,
  ),
);
const form = fields.map((body) => new URLSearchParams(wellFormed(body)).toString());
const body = fc.oneof(
  fc.record({ type: fc.constant('application/json'), content: json }),
  fc.record({
    type: fc.constant('application/x-www-form-urlencoded'),
    content: fc.oneof(form, text),
  }),
  fc.record({
    type: fc.constantFrom('text/plain', 'application/json; charset=utf-16', 'nonsense', 'a/b; c'),
    content: fc.oneof(json, text),
  }),
);
const accept = fc.constantFrom(
  '*/*',
  'text/plain',
  'application/json',
  'text/html',
  'text/plain;q=0, */*',
  ';;;,',
  'a'.repeat(2_000),
);
const header = fc.constantFrom(
  'Prefer: wait=-1',
  'Prefer: wait=0, wait=99999999999999999999',
  'Prefer: wait=x',
  'Accept-Encoding: ,,;q=9',
  'Cookie: __Host-session=; a=%ff; =',
  'Origin: null',
  'Range: bytes=0-',
  'If-None-Match: *',
  'Expect: 200-ok',
  'Host: two.example.org',
  'X-Forwarded-For: ,,::1, unknown',
  'X-Forwarded-Host: evil.example.org',
  'X-HTTP-Method-Override: DELETE',
  'Authorization: Bearer',
  'Authorization: Bearer a.b.c',
  'Authorization: Basic eDp4',
);
/** Ways to break the syntax of a request, or to make it two. */
const breakage = fc.constantFrom<((request: string) => string)[]>(
  (request) => request.replace('HTTP/1.1', 'HTTP/1.0'),
  (request) => request.replace('HTTP/1.1', 'HTTP/9.9'),
  (request) => request.replace(/ HTTP\/1\.1/, ''),
  (request) => request.replace('\r\n', '\r\nContent-Length: 5\r\nContent-Length: 6\r\n'),
  (request) => request.replace('\r\n', '\r\nTransfer-Encoding: chunked\r\n'),
  (request) => request.replace('\r\n', '\r\nTransfer-Encoding: chunked, identity\r\n'),
  (request) => request.replace('\r\n', '\r\nX-Nul: a\0b\r\n'),
  (request) => request.replace('\r\n', '\r\n folded: x\r\n'),
  (request) => request.replace('\r\n', `\r\nX-Long: ${'x'.repeat(20_000)}\r\n`),
  (request) => request.replace('\r\n', `\r\n${'X-Many: x\r\n'.repeat(2_500)}`),
  (request) => request.replaceAll('\r\n', '\n'),
  (request) => request.replace('/', 'http://evil.example.org/'),
  (request) => request.replace('/', '*'),
  (request) => request.replace(/^\w+/, 'BREW'),
  (request) => request.replace('Host: x\r\n', ''),
  (request) => request.repeat(3),
);

function attempt(operations: Operation[], pins: string[], token: string): fc.Arbitrary<Attempt> {
  const segment = text.map((raw) => encodeURIComponent(raw.toWellFormed()));
  return fc
    .record({
      operation: fc.constantFrom(...operations),
      pin: fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...pins) },
        { weight: 1, arbitrary: segment },
        { weight: 1, arbitrary: nasty.map(printable) },
      ),
      key: fc.oneof(
        fc.constantFrom('master_ip', 'master_ready', 'a'),
        segment,
        nasty.map(printable),
      ),
      query: fc.option(
        fc.oneof(segment, fc.constantFrom('limit=-1&cursor=x', 'owner[]=a&owner=b')),
      ),
      accept: fc.option(accept),
      signedIn: fc.boolean(),
      headers: fc.array(header, { maxLength: 3 }),
      body: fc.option(body),
      chunked: fc.boolean(),
      from: fc.ipV4(),
      broken: fc.option(breakage, { freq: 6 }),
    })
    .map(({ operation, pin, key, query, broken, ...rest }) => {
      const path = operation.path.replace('{pin}', pin).replace('{key}', key).replace('{id}', key);
      const target = query === null ? path : `${path}?${query}`;
      const lines = [
        `${operation.method} ${target} HTTP/1.1`,
        'Host: x',
        `X-Forwarded-For: ${rest.from}`,
      ];
      if (rest.accept !== null) lines.push(`Accept: ${rest.accept}`);
      if (rest.signedIn) lines.push(`Authorization: Bearer ${token}`);
      lines.push(...rest.headers);
      let content = '';
      if (rest.body) {
        content = rest.body.content.toWellFormed();
        lines.push(`Content-Type: ${rest.body.type}`);
        const length = Buffer.byteLength(content);
        if (rest.chunked) {
          lines.push('Transfer-Encoding: chunked');
          content = `${length === 0 ? '' : `${length.toString(16)}\r\n${content}\r\n`}0\r\n\r\n`;
        } else lines.push(`Content-Length: ${length}`);
      }
      const request = `${lines.join('\r\n')}\r\n\r\n${content}`;
      const odd = rest.headers.some((each) => /^(Host|Expect)/.test(each));
      return { operation, bytes: broken?.(request) ?? request, broken: broken !== null || odd };
    });
}

/** Removes characters that a request line cannot contain; they are tested in encoded segments. */
function printable(raw: string): string {
  return raw.replaceAll(/[^\x21-\x7e]/g, '').replaceAll(/[?#]/g, '');
}

function wellFormed(fields: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, each]) => [name, JSON.stringify(each).toWellFormed()]),
  );
}

// --- Responses ---------------------------------------------------------------------------------------

function problemOf(answer: string, operation: Operation, broken: boolean): string | undefined {
  if (answer === 'closed') return broken ? undefined : 'no answer';
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
  if (!status) return answer;
  if (status >= 500) return 'a server error';
  if (broken) {
    const known = operation.answers.has(status) || REFUSALS.has(status) || status === 204;
    return known ? undefined : 'an undocumented status';
  }
  // The inserted text made it another path, or none.
  if (status === 404 || status === 405) return undefined;
  const types = operation.answers.get(status);
  if (!types) return 'an undocumented status';
  const type = /^content-type: ([^;\r]*)/im.exec(answer)?.[1];
  return type === undefined || types.has(type) ? undefined : 'an undocumented type';
}

/** A connection that is replaced when the service has closed it, or when its state is uncertain. */
class Connection {
  private socket: Socket | undefined;

  private readonly serviceUrl: string;

  constructor(serviceUrl: string) {
    this.serviceUrl = serviceUrl;
  }

  /** The bytes of the response, `closed` if there is none, or `hangs`. */
  async send(bytes: string, broken: boolean): Promise<string> {
    const socket = await this.open();
    const answer = await new Promise<string>((resolve) => {
      let received = '';
      const end = (result: string) => {
        clearTimeout(timer);
        socket.removeAllListeners('data').removeAllListeners('close');
        resolve(result);
      };
      const timer = setTimeout(() => end('hangs'), HANG_MS);
      socket.on('data', (chunk: Buffer) => {
        received += chunk.toString('latin1');
        if (isComplete(received)) end(received);
      });
      socket.on('close', () => end(received || 'closed'));
      socket.write(bytes);
      // A malformed request may announce more bytes than it has.
      if (broken) socket.end();
    });
    if (broken || !isComplete(answer) || /^connection: close/im.test(answer)) this.close();
    return answer;
  }

  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
  }

  private async open(): Promise<Socket> {
    if (this.socket && !this.socket.destroyed && this.socket.writable) return this.socket;
    const { port } = new URL(this.serviceUrl);
    this.socket = connect(Number(port), '127.0.0.1');
    this.socket.on('error', () => undefined); // "close" follows
    await once(this.socket, 'connect');
    return this.socket;
  }
}

function isComplete(answer: string): boolean {
  const end = answer.indexOf('\r\n\r\n');
  if (end === -1) return false;
  const length = Number(/^content-length: (\d+)/im.exec(answer.slice(0, end))?.[1] ?? 0);
  return answer.length >= end + 4 + length;
}
