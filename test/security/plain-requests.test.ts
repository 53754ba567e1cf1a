import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { plainRequest } from '../../src/http/plain-request.js';

const PATH = '/api/v1/clusters/abcdefghijkl/keys/master_ip';
const USUAL = `GET ${PATH} HTTP/1.1\r\nHost: x\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n`;

/** What a request means, as far as a poll depends on it. */
interface Meaning {
  readonly url: string | undefined;
  readonly accept: unknown;
  readonly prefer: unknown;
  readonly forwardedFor: unknown;
  readonly closes: boolean;
}

describe('A request that is read without a parser', () => {
  let node: Server;
  /** The requests that Node has read, and how many it refused. */
  let requests: { request: IncomingMessage; isKept: boolean }[] = [];
  let refused = 0;
  beforeAll(async () => {
    node = createServer({ optimizeEmptyRequests: true }, (request, response) => {
      requests.push({ request, isKept: response.shouldKeepAlive });
      response.end();
    });
    node.on('clientError', (_error, socket) => {
      refused++;
      socket.destroy();
    });
    await once(node.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => void node.close());

  /** What Node makes of these bytes. */
  async function meaningForNode(bytes: Buffer): Promise<Meaning> {
    requests = [];
    refused = 0;
    const socket = connect((node.address() as AddressInfo).port, '127.0.0.1');
    socket.end(bytes);
    await once(socket.resume(), 'close');
    expect([requests.length, refused]).toEqual([1, 0]);
    const { request, isKept } = requests[0]!;
    const { method, url, headers, httpVersion, complete } = request;
    expect([method, httpVersion, complete]).toEqual(['GET', '1.1', true]);
    return {
      url,
      accept: headers.accept,
      prefer: headers['prefer'],
      forwardedFor: headers['x-forwarded-for'],
      closes: !isKept,
    };
  }

  function meaningOf(bytes: Buffer): Meaning | undefined {
    const request = plainRequest(bytes);
    return (
      request && {
        url: request.url,
        accept: request.headers.accept,
        prefer: request.headers.prefer,
        forwardedFor: request.headers['x-forwarded-for'],
        closes: request.closes,
      }
    );
  }

  /** Checks that each of these requests that is plain means the same to Node. Resolves to how many were plain. */
  async function plainAmong(requests: fc.Arbitrary<string>, numRuns: number): Promise<number> {
    let plain = 0;
    await fc.assert(
      fc.asyncProperty(requests, async (text) => {
        const bytes = Buffer.from(text, 'latin1');
        const meaning = meaningOf(bytes);
        if (!meaning) return;
        plain++;
        expect(meaning).toEqual(await meaningForNode(bytes));
      }),
      { numRuns },
    );
    return plain;
  }

  it('means what Node makes of it, whatever its headers', async () => {
    expect(await plainAmong(requestsWithHeaders, 3_000)).toBeGreaterThan(300);
  });

  it('means what Node makes of it, whichever byte is changed, added or removed', async () => {
    expect(await plainAmong(changed(USUAL), 5_000)).toBeGreaterThan(500);
  });

  it.each([
    ['curl', USUAL],
    [
      'busybox wget',
      `GET ${PATH} HTTP/1.1\r\nHost: x\r\nUser-Agent: Wget\r\nConnection: close\r\n\r\n`,
    ],
    [
      'Python',
      `GET ${PATH} HTTP/1.1\r\nAccept-Encoding: identity\r\nHost: x\r\nConnection: close\r\n\r\n`,
    ],
    ['a proxy', USUAL.replace('\r\n\r\n', '\r\nX-Forwarded-For: 192.0.2.7\r\nVia: 1.1 p\r\n\r\n')],
  ])('is what %s sends', async (_, text) => {
    expect(meaningOf(Buffer.from(text))).toEqual(await meaningForNode(Buffer.from(text)));
  });

  it.each([
    ['another method', USUAL.replace('GET', 'HEAD')],
    ['HTTP/1.0', USUAL.replace('1.1', '1.0')],
    ['a body', USUAL.replace('\r\n\r\n', '\r\nContent-Length: 1\r\n\r\nx')],
    ['a body of no bytes', USUAL.replace('\r\n\r\n', '\r\nContent-Length: 0\r\n\r\n')],
    [
      'a body in chunks',
      USUAL.replace('\r\n\r\n', '\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    ],
    ['two requests', USUAL + USUAL],
    ['part of a request', USUAL.slice(0, -1)],
    ['no host', USUAL.replace('Host: x\r\n', '')],
    ['two hosts', USUAL.replace('Host: x', 'Host: x\r\nhost: y')],
    ['two formats', USUAL.replace('Accept', 'Accept: text/html\r\nAccept')],
    ['an expectation', USUAL.replace('Accept', 'Expect: 100-continue\r\nAccept')],
    ['an upgrade', USUAL.replace('Accept', 'Connection: upgrade\r\nUpgrade: h2c\r\nAccept')],
    ['a line that goes on', USUAL.replace('curl', '\r\n curl')],
    ['a name with a space', USUAL.replace('Host:', 'Host :')],
    ['lines without CR', USUAL.replaceAll('\r', '')],
    ['more than 2 048 bytes', USUAL.replace('curl', 'c'.repeat(2_048))],
  ])('is not one with %s', (_, text) => {
    expect(plainRequest(Buffer.from(text))).toBeUndefined();
  });
});

const oneOf = fc.constantFrom;
const mostly = (usual: string, ...others: string[]) =>
  fc.oneof(
    { arbitrary: fc.constant(usual), weight: 12 },
    { arbitrary: oneOf(...others), weight: 1 },
  );
const usualNames = ['Accept', 'PREFER', 'x-forwarded-for', 'Connection', 'Keep-Alive', 'X-Any'];
const oddNames = ['Host', 'Proxy-Connection', 'Content-Length', 'Transfer-Encoding', 'Upgrade'];
const worseNames = ['Expect', 'TE', '__proto__', 'constructor', 'hasOwnProperty', 'a b', ''];
const usualValues = ['*/*', 'wait=5', '192.0.2.7', 'close', 'Close', 'keep-alive', 'Keep-Alive'];
const oddValues = [
  '',
  ' ',
  'close, keep-alive',
  'upgrade',
  'chunked',
  '0',
  '\t x \t',
  'a\tb',
  'é',
  'a:b',
];
const header = fc
  .tuple(
    fc.oneof({ arbitrary: oneOf(...usualNames), weight: 6 }, oneOf(...oddNames, ...worseNames)),
    mostly(': ', ':', ':  ', ' :', ''),
    fc.oneof({ arbitrary: oneOf(...usualValues), weight: 6 }, oneOf(...oddValues)),
    mostly('\r\n', '\n', ' \r\n'),
  )
  .map((parts) => parts.join(''));
const requestsWithHeaders = fc
  .tuple(
    mostly('GET ', 'get ', 'GET  ', 'POST '),
    mostly(PATH, `${PATH}?a=b`, `${PATH}#a`, '/"<>`{|}', '//', '*', 'http://x/', '/é', '/a b'),
    mostly(' HTTP/1.1\r\n', ' HTTP/1.0\r\n', ' HTTP/1.1 \r\n', '\r\n'),
    mostly('Host: x\r\n', 'host:\r\n', ''),
    fc.array(header, { maxLength: 4 }).map((lines) => lines.join('')),
    mostly('\r\n', '\n', ''),
    mostly('', 'x', '\r\n'),
  )
  .map((parts) => parts.join(''));

/** This text with one byte changed, added or removed. */
function changed(text: string): fc.Arbitrary<string> {
  const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
  return fc
    .tuple(fc.nat(text.length - 1), oneOf(0, 1), fc.oneof(fc.constant(''), byte))
    .map(([at, removed, added]) => text.slice(0, at) + added + text.slice(at + removed));
}
