import { describe, expect, it } from '@jest/globals';
import { HELMS, refusal } from '../support/chart.js';

const ownRedis = (externalRedis: object) => ({ redis: { enabled: false }, externalRedis });

describe('Values that do not go together are refused with a sentence', () => {
  it.each<[string, object]>([
    [
      'To use a Redis of your own, set redis.enabled=false as well as externalRedis.',
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
      'Of externalRedis.existingSecret, set externalRedis.urlKey or externalRedis.passwordKey: which key to use.',
      ownRedis({ url: 'redis://one', existingSecret: 'mine' }),
    ],
    [
      'externalRedis.passwordKey is of no use unless externalRedis.url has $(REDIS_PASSWORD) where the password belongs.',
      ownRedis({ url: 'redis://one', existingSecret: 'mine', passwordKey: 'password' }),
    ],
    [
      'externalRedis.url has $(REDIS_PASSWORD): set externalRedis.existingSecret and externalRedis.passwordKey.',
      ownRedis({ url: 'redis://:$(REDIS_PASSWORD)@one' }),
    ],
    [
      'externalRedis.url must not have a password, which everyone who reads the release could read: write $(REDIS_PASSWORD), and put it into a Secret.',
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
    ['Set route.host: where the router shall serve it.', { route: { enabled: true } }],
    ['Set ingress.host: where the controller shall serve it.', { ingress: { enabled: true } }],
    [
      'Set httpRoute.host and httpRoute.parentRefs: where it shall be served, and by which gateway.',
      { httpRoute: { enabled: true, host: 'pairing.example.org' } },
    ],
    [
      'autoscaling.minReplicas must not be more than autoscaling.maxReplicas.',
      { autoscaling: { enabled: true, minReplicas: 9 } },
    ],
    [
      'podDisruptionBudget.enabled needs replicas of 2 or more: of a single one, none could ever be moved.',
      { replicas: 1, podDisruptionBudget: { enabled: true } },
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
      'metrics.prometheusRule.enabled',
      'monitoring.coreos.com/v1',
      { metrics: { prometheusRule: { enabled: true } } },
    ],
  ])('%s where a cluster does not know %s', async (value, api, values) => {
    for (const major of HELMS) {
      expect(await refusal(values, { apis: [], major })).toContain(
        `${value} needs a cluster that knows ${api}.`,
      );
    }
  });
});
