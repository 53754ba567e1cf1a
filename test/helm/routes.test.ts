import { describe, expect, it } from '@jest/globals';
import { exampleValues, render } from '../support/chart.js';

const HOST = 'pairing.example.org';
const NAME = 'demo-cluster-pairing';

describe('Nothing leads to the service', () => {
  it('by default', async () => {
    const manifests = await render();
    for (const kind of ['Route', 'Ingress', 'HTTPRoute']) expect(manifests.of(kind)).toEqual([]);
    expect(manifests.env.get('PUBLIC_URL')?.value).toBe('http://localhost:3000');
    expect(manifests.env.get('TRUSTED_PROXIES')?.value).toBe('0');
    expect(manifests.one('Service', NAME).spec).toMatchObject({ type: 'ClusterIP' });
  });

  it.each(exampleValues())('and with %s nothing to its metrics', async (_name, values) => {
    const manifests = await render(values);
    const routes = ['Route', 'Ingress', 'HTTPRoute'].flatMap((kind) => manifests.of(kind));
    const { port } = manifests.container.ports!.map(({ containerPort }) => ({
      port: containerPort,
    }))[1]!;
    expect(port).toBe(9464);
    for (const route of routes) expect(JSON.stringify(route)).not.toMatch(/metrics|9464/);
  });
});

describe('A Route', () => {
  const route = { enabled: true, host: HOST };

  it('leads to the service, with a timeout above the longest wait', async () => {
    const { metadata, spec } = (await render({ route, settings: { MAX_WAIT_SECONDS: 40 } })).one(
      'Route',
    );
    expect(metadata.annotations).toEqual({
      'haproxy.router.openshift.io/timeout': '50s',
      'haproxy.router.openshift.io/disable_cookies': 'true',
    });
    expect(spec).toEqual({
      host: HOST,
      to: { kind: 'Service', name: NAME, weight: 100 },
      port: { targetPort: 'http' },
      tls: { termination: 'edge', insecureEdgeTerminationPolicy: 'Redirect' },
    });
  });

  it('can be opened to the Internet at CERN, by an empty annotation', async () => {
    const annotations = { 'example.org/mine': 'kept' };
    const manifests = await render({ route: { ...route, internet: true, annotations } });
    expect(manifests.one('Route').metadata.annotations).toMatchObject({
      'haproxy.router.openshift.io/ip_whitelist': '',
      ...annotations,
    });
  });
});

describe('An Ingress', () => {
  it('leads to the service, with TLS if there is a certificate', async () => {
    const ingress = { enabled: true, className: 'haproxy', host: HOST, tlsSecret: 'certificate' };
    expect((await render({ ingress })).one('Ingress').spec).toEqual({
      ingressClassName: 'haproxy',
      tls: [{ hosts: [HOST], secretName: 'certificate' }],
      rules: [
        {
          host: HOST,
          http: {
            paths: [
              {
                path: '/',
                pathType: 'Prefix',
                backend: { service: { name: NAME, port: { name: 'http' } } },
              },
            ],
          },
        },
      ],
    });
  });

  it('lets controllers wait longer than the longest wait, unless its annotations say otherwise', async () => {
    const ingress = { enabled: true, host: HOST };
    const annotationsOf = async (values: object) =>
      (await render(values)).one('Ingress').metadata.annotations;
    expect(await annotationsOf({ ingress, settings: { MAX_WAIT_SECONDS: 40 } })).toEqual({
      'nginx.ingress.kubernetes.io/proxy-read-timeout': '50',
      'haproxy.org/timeout-server': '50s',
      'haproxy-ingress.github.io/timeout-server': '50s',
    });
    const own = { 'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600' };
    expect(await annotationsOf({ ingress: { ...ingress, annotations: own } })).toMatchObject({
      ...own,
      'haproxy.org/timeout-server': '300s',
    });
  });
});

describe('An HTTPRoute', () => {
  it('leads to the service, and does not interrupt a wait', async () => {
    const httpRoute = { enabled: true, host: HOST, parentRefs: [{ name: 'gateway' }] };
    expect((await render({ httpRoute })).one('HTTPRoute').spec).toEqual({
      parentRefs: [{ name: 'gateway' }],
      hostnames: [HOST],
      rules: [{ backendRefs: [{ name: NAME, port: 80 }], timeouts: { request: '0s' } }],
    });
  });
});

describe('Behind any of them', () => {
  it.each(['route', 'ingress', 'httpRoute'])('the service knows where it is: %s', async (way) => {
    const parentRefs = way === 'httpRoute' && { parentRefs: [{ name: 'gateway' }] };
    const { env } = await render({ [way]: { enabled: true, host: HOST, ...parentRefs } });
    expect(env.get('PUBLIC_URL')?.value).toBe(`https://${HOST}`);
    expect(env.get('TRUSTED_PROXIES')?.value).toBe('1');
  });

  it('unless PUBLIC_URL is set', async () => {
    const { env } = await render({
      publicUrl: 'https://elsewhere.example.org',
      ingress: { enabled: true, host: HOST },
      settings: { TRUSTED_PROXIES: '10.0.0.0/8' },
    });
    expect(env.get('PUBLIC_URL')?.value).toBe('https://elsewhere.example.org');
    expect(env.get('TRUSTED_PROXIES')?.value).toBe('10.0.0.0/8');
  });
});

describe('A NetworkPolicy', () => {
  it('lets only the service reach its stores, which can reach nothing', async () => {
    const manifests = await render({ networkPolicy: { enabled: true } });
    for (const store of ['redis', 'postgresql']) {
      const labels = (component: string) => ({
        matchLabels: {
          'app.kubernetes.io/name': 'cluster-pairing',
          'app.kubernetes.io/instance': 'demo',
          'app.kubernetes.io/component': component,
        },
      });
      expect(manifests.one('NetworkPolicy', store).spec).toEqual({
        podSelector: labels(store),
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ ports: [{ port: store }], from: [{ podSelector: labels('service') }] }],
      });
    }
  });

  it('lets only the named clients and the chart’s test reach the service', async () => {
    const from = [{ ipBlock: { cidr: '10.0.0.0/8' } }];
    const manifests = await render({ networkPolicy: { enabled: true, from, metricsFrom: from } });
    expect(manifests.one('NetworkPolicy', NAME).spec).toMatchObject({
      policyTypes: ['Ingress'],
      ingress: [
        {
          ports: [{ port: 'http' }],
          from: [{ podSelector: { matchLabels: manifestLabels('test') } }, ...from],
        },
        { ports: [{ port: 'metrics' }], from },
      ],
    });
    expect(manifests.one('Pod').metadata.labels).toMatchObject(manifestLabels('test'));
  });
});

const manifestLabels = (component: string) => ({
  'app.kubernetes.io/name': 'cluster-pairing',
  'app.kubernetes.io/instance': 'demo',
  'app.kubernetes.io/component': component,
});
