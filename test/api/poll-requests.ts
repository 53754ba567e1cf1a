import * as fc from 'fast-check';

/** Requests about a key of the cluster with this PIN, most of them plain polls, others nearly so: the bytes of each. */
export function pollRequests(pin: string, keys: readonly string[]): fc.Arbitrary<string> {
  return fc
    .record({ method, target: targets(pin, keys), version, headers, body })
    .map(({ method, target, version, headers, body }) => {
      const length = body === '' ? [] : [`Content-Length: ${body.length}`];
      const lines = [`${method} ${target} HTTP/${version}`, 'Host: x', ...headers, ...length];
      return `${lines.join('\r\n')}\r\n\r\n${body}`;
    });
}

const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof(
    { arbitrary: fc.constant(usual), weight: 12 },
    { arbitrary: fc.constantFrom(...others), weight: 1 },
  );

const method = mostly('GET', 'HEAD', 'OPTIONS', 'POST', 'PROPFIND');
const version = mostly('1.1', '1.0');
const body = mostly('', 'x', '{"key":"a","value":"b"}');

function targets(pin: string, keys: readonly string[]): fc.Arbitrary<string> {
  const escaped = `%${pin.charCodeAt(0).toString(16)}${pin.slice(1)}`;
  return fc
    .tuple(
      mostly('/api/v1/clusters/', '//api/v1/clusters/', '/API/v1/clusters/', '/api/v1/./clusters/'),
      mostly(pin, pin.toUpperCase(), pin.slice(1), `${pin}a`, escaped, ''),
      mostly('/keys/', '/Keys/', '//keys/', '/keys//', '/'),
      fc.constantFrom(...keys, 'bad.key', 'x'.repeat(101), '%6eote', ''),
      mostly('', '/', '?', '?wait=1', '#a', ';a', '%20'),
    )
    .map((parts) => parts.join(''));
}

const headers = fc.array(
  fc.oneof(
    { arbitrary: header('Accept', 'text/plain', '*/*', 'application/json'), weight: 4 },
    header('Accept', '', 'TEXT/PLAIN', 'text/plain; charset=utf-8', '*/*;q=0', 'image/png'),
    header('Accept', 'text/plain;q=0.1, application/json', 'application/problem+json'),
    { arbitrary: header('Prefer', 'wait=0', 'wait=x', 'respond-async', 'Wait="0"'), weight: 2 },
    header('Prefer', 'wait=0, wait=9', 'handling=strict, wait=0', ''),
    header('Connection', 'close'),
    header('X-Forwarded-For', '192.0.2.7', '192.0.2.8, 192.0.2.9', 'nonsense'),
    header('Origin', 'https://elsewhere.example'),
    header('Expect', '100-continue', 'nonsense'),
    header('If-None-Match', '*'),
    header('Accept-Version', '1'),
    header('Authorization', 'Bearer nonsense'),
  ),
  { maxLength: 4 },
);

/** A line of a header, with its name in any case. */
function header(name: string, ...values: string[]): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom(name, name.toLowerCase(), name.toUpperCase()),
      fc.constantFrom(...values),
    )
    .map(([spelling, value]) => `${spelling}: ${value}`);
}
