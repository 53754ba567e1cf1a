import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { IdentityProvider } from '../../dev/identity-provider.js';
import { secrets } from '../support/secrets.js';
import { startProvider, startService } from '../support/service.js';

interface Span {
  readonly name: string;
  readonly attributes: { readonly key: string; readonly value: unknown }[];
}

interface Export {
  readonly resourceSpans: {
    readonly resource: Pick<Span, 'attributes'>;
    readonly scopeSpans: { readonly spans: Span[] }[];
  }[];
}

describe('Traces', () => {
  let provider: IdentityProvider;
  let collector: Server;
  let endpoint: string;
  let received: { readonly url: string | undefined; readonly body: string }[];

  beforeAll(async () => {
    provider = await startProvider();
  });
  afterAll(() => provider.close());

  beforeEach(async () => {
    received = [];
    collector = createServer((request, response) => {
      text(request).then(
        (body) => {
          received.push({ url: request.url, body });
          secrets.output('what the collector is told', () => body);
          response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
        },
        () => response.destroy(),
      );
    });
    await once(collector.listen(0, '127.0.0.1'), 'listening');
    endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    collector.close();
  });

  /** Serves a PIN and two requests for a key of it, and stops. Gives the PIN. */
  async function visit(env: NodeJS.ProcessEnv): Promise<string> {
    const service = await startService(env, provider);
    const pin = await service.issuePin();
    for (const path of [`/api/v1/clusters/${pin}/keys/a`, `/nowhere/${pin}`]) {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      await fetch(`${service.url}${path}?pin=${pin}`, { headers: { traceparent } });
    }
    await service.stop();
    return pin;
  }

  const exports = () => received.map(({ body }) => JSON.parse(body) as Export);
  const spans = () =>
    exports().flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
    );

  it('have a span for each request, with the template of its route and without a PIN', async () => {
    const pin = await visit({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: 'mine' });
    expect(received[0]?.url).toBe('/v1/traces');
    expect(spans().map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'POST /api/v1/clusters',
        'GET /api/v1/clusters/:pin/keys/:key',
        'GET', // of what is not there
      ]),
    );
    expect(spans().find(({ name }) => name.endsWith(':key'))?.attributes).toEqual(
      expect.arrayContaining([
        { key: 'http.request.method', value: { stringValue: 'GET' } },
        { key: 'http.route', value: { stringValue: '/api/v1/clusters/:pin/keys/:key' } },
        { key: 'http.response.status_code', value: { intValue: 404 } },
      ]),
    );
    expect(exports()[0]?.resourceSpans[0]?.resource.attributes).toContainEqual({
      key: 'service.name',
      value: { stringValue: 'mine' },
    });
    for (const { body } of received) {
      expect(body).not.toContain(pin);
      expect(body).not.toContain('0af7651916cd43dd8448eb211c80319c'); // what the caller sent
    }
  });

  it.each([
    ['is disabled', { OTEL_SDK_DISABLED: 'true' }],
    ['samples nothing', { OTEL_TRACES_SAMPLER: 'parentbased_always_off' }],
    [
      'has a ratio of nothing',
      { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
    ],
  ])('are not sent when OpenTelemetry %s', async (_, env) => {
    await visit({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env });
    expect(received).toEqual([]);
  });

  it('do not stop the service from serving or stopping when the collector is down', async () => {
    collector.close();
    expect(await visit({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toMatch(/^[a-z0-9]{12}$/);
  });
});
