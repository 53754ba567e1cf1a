import type { IncomingHttpHeaders } from 'node:http';

/**
 * A request that needs no HTTP parser: a `GET` by HTTP/1.1 without a body, whose bytes arrived together and are
 * printable ASCII.
 */
export interface PlainRequest {
  readonly url: string;
  /** Those on which the answer may depend. */
  readonly headers: Partial<Pick<IncomingHttpHeaders, 'accept' | 'prefer' | 'x-forwarded-for'>>;
  /** Whether the client wants the connection to be closed after the answer. */
  readonly closes: boolean;
}

/** A boot script sends a hundred bytes, and proxies add some hundred. */
const MAX_BYTES = 2_048;
const METHOD = 'GET ';
/** RFC 9112, sections 3 and 5: a line of the headers is a token, a colon and a value. */
const REQUEST = /^GET \/[!-~]* HTTP\/1\.1\r\n(?:[\w!#$%&'*+.^`|~-]+:[ -~]*\r\n)+\r\n$/;

/** The headers that are read. */
const NONE = {
  host: undefined,
  connection: undefined,
  accept: undefined,
  prefer: undefined,
  'x-forwarded-for': undefined,
};
/** Those of requests that only a parser can read. */
const REFUSED = new Set([
  'content-length',
  'expect',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Reads a plain request. Returns undefined for all other bytes, and for those whose meaning needs a parser: Node's must
 * read them then.
 */
export function plainRequest(bytes: Buffer): PlainRequest | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  const text = bytes.toString('latin1');
  if (!REQUEST.test(text)) return undefined;

  const fields: { [name in keyof typeof NONE]: string | undefined } = { ...NONE };
  for (let start = text.indexOf('\n') + 1; start < text.length - 2;) {
    const colon = text.indexOf(':', start);
    const end = text.indexOf('\r', colon);
    const name = text.slice(start, colon).toLowerCase();
    if (REFUSED.has(name)) return undefined;
    if (isField(name)) {
      if (fields[name] !== undefined) return undefined; // a parser must know which one counts
      fields[name] = text.slice(colon + 1, end).trim();
    }
    start = end + 2;
  }
  const { host, connection = 'keep-alive' } = fields;
  const closes = /^close$/i.test(connection);
  if (host === undefined || !(closes || /^keep-alive$/i.test(connection))) return undefined;
  const url = text.slice(METHOD.length, text.indexOf(' ', METHOD.length));
  return { url, headers: fields, closes };
}

function isField(name: string): name is keyof typeof NONE {
  return Object.hasOwn(NONE, name);
}
