import { describe, expect, it } from '@jest/globals';
import { HELMS, refusal } from '../support/chart.js';

const ownRedis = (externalRedis: object) => ({ redis: { enabled: false }, externalRedis });

describe('Values that are wrong or contradict each other are refused with a sentence', () => {
  it.each<[string, object]>([
    [
      'To use your own Redis, set redis.enabled=false as well as externalRedis.',
      { externalRedis: { url: 'redis://redis.example.org' } },
    ],
    [
      'Without redis.enabled, set externalRedis.url, or externalRedis.existingSecret and externalRedis.urlKey.',
      ownRedis({}),
    ],
    [
      'Without postgresql.enabled, set externalPostgresql.url, or externalPostgresql.existingSecret and externalPostgresql.urlKey.',
      { postgresql: { enabled: false } },
    ],
    [
      'Set externalRedis.url or externalRedis.urlKey, not both.',
      ownRedis({ url: 'redis://one', existingSecret: 'mine', urlKey: 'url' }),
    ],
    [
      'externalRedis has the key of a Secret: set externalRedis.existingSecret to its name.',
      ownRedis({ urlKey: 'url' }),
    ],
    [
      'externalRedis.existingSecret needs externalRedis.urlKey or externalRedis.passwordKey: the key to use.',
      ownRedis({ url: 'redis://one', existingSecret: 'mine' }),
    ],
    [
      'externalRedis.passwordKey has no effect unless externalRedis.url has $(REDIS_PASSWORD) in the place of the password.',
      ownRedis({ url: 'redis://one', existingSecret: 'mine', passwordKey: 'password' }),
    ],
    [
      'externalRedis.url has $(REDIS_PASSWORD): set externalRedis.existingSecret and externalRedis.passwordKey.',
      ownRedis({ url: 'redis://:$(REDIS_PASSWORD)@one' }),
    ],
    [
      'externalRedis.url must not have a password, because everyone who reads the release can read it: write $(REDIS_PASSWORD), and put the password into a Secret.',
      ownRedis({ url: 'redis://pairing:open-sesame@one' }),
    ],
    [
      'oidc.clientIdKey is a key of a Secret: set oidc.existingSecret to its name.',
      { oidc: { clientIdKey: 'id' } },
    ],
    [
      'Set oidc.clientId or oidc.clientIdKey, not both.',
      { oidc: { clientId: 'pairing', clientIdKey: 'id', existingSecret: 'mine' } },
    ],
    [
      "oidc.clientId needs the client's secret: set oidc.existingSecret to the Secret that has it.",
      { oidc: { clientId: 'pairing' } },
    ],
    ['Set route.host: the host name of the service.', { route: { enabled: true } }],
    ['Set ingress.host: the host name of the service.', { ingress: { enabled: true } }],
    [
      'Set httpRoute.parentRefs: the gateways that serve it.',
      { httpRoute: { enabled: true, host: 'pairing.example.org' } },
    ],
    [
      'autoscaling.minReplicas must not be more than autoscaling.maxReplicas.',
      { autoscaling: { enabled: true, minReplicas: 9 } },
    ],
    [
      'route.host must be one host name, such as pairing.example.org: lower case, no scheme, no port, no path and no wildcard.',
      { route: { enabled: true, host: '*.example.org' } },
    ],
    [
      'ingress.host must be one host name',
      { ingress: { enabled: true, host: 'https://pairing.example.org' } },
    ],
    [
      'httpRoute.host must be one host name',
      { httpRoute: { enabled: true, host: 'Pairing.example.org', parentRefs: [{ name: 'a' }] } },
    ],
    ['extraHosts[1] must be one host name', { extraHosts: ['a.example.org', 'b.example.org:443'] }],
    ['settings.PIN_TTL must be between 10m and 24h.', { settings: { PIN_TTL: '48h' } }],
    ['settings.PIN_TTL must be between 10m and 24h.', { settings: { PIN_TTL: '9m' } }],
    [
      'settings.ISSUANCE_RETENTION must be between 2d and 3650d.',
      { settings: { ISSUANCE_RETENTION: '1d' } },
    ],
    [
      'settings.HOLD_SECONDS must not be more than settings.MAX_WAIT_SECONDS.',
      { settings: { MAX_WAIT_SECONDS: 25, HOLD_SECONDS: 30 } },
    ],
    [
      'settings.HOLD_SECONDS must not be more than settings.MAX_WAIT_SECONDS.',
      { settings: { HOLD_SECONDS: 291 } },
    ],
    ['maxHeapMiB must be less than resources.limits.memory', { maxHeapMiB: 1024 }],
    [
      'metrics.port must differ from service.port and from 3000, the port of the service itself.',
      { metrics: { port: 3000 } },
    ],
    ['metrics.port must differ from service.port', { service: { port: 9464 } }],
    [
      'overrides.deploiment is no object of this chart. They are: backup, ',
      { overrides: { deploiment: {} } },
    ],
    [
      'backup.s3.bucket needs backup.s3.endpoint and backup.s3.existingSecret',
      { backup: { enabled: true, s3: { bucket: 'pairing' } } },
    ],
    [
      'autoscaling.targetHeldRequests with KEDA needs autoscaling.keda.prometheusUrl',
      { autoscaling: { enabled: true, targetHeldRequests: 5000, keda: { enabled: true } } },
    ],
  ])('%s', async (sentence, values) => {
    const error = await refusal(values);
    expect(error).toContain(sentence);
    expect(error).not.toContain('open-sesame');
  });

  it.each<[string, string, object]>([
    ['route.enabled', 'route.openshift.io/v1', { route: { enabled: true, host: 'a.b' } }],
    [
      'httpRoute.enabled',
      'gateway.networking.k8s.io/v1',
      { httpRoute: { enabled: true, host: 'a.b', parentRefs: [{ name: 'gateway' }] } },
    ],
    [
      'metrics.serviceMonitor.enabled',
      'monitoring.coreos.com/v1',
      { metrics: { serviceMonitor: { enabled: true } } },
    ],
    [
      'autoscaling.keda.enabled',
      'keda.sh/v1alpha1',
      { autoscaling: { enabled: true, keda: { enabled: true } } },
    ],
    [
      'metrics.prometheusRule.enabled',
      'monitoring.coreos.com/v1',
      { metrics: { prometheusRule: { enabled: true } } },
    ],
  ])('%s where the cluster does not have %s', async (value, api, values) => {
    for (const major of HELMS) {
      expect(await refusal(values, { apis: [], major })).toContain(
        `${value} needs a cluster that has ${api}.`,
      );
    }
  });
});
