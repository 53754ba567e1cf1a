import { describe, expect, it } from '@jest/globals';
import { EVERYTHING, exampleValues, fromSecret, HELMS, refusal, render } from '../support/chart.js';

const OWN = 'demo-cluster-pairing-secrets';

describe('Secrets', () => {
  it('are generated for a trial, long and different', async () => {
    const { data = {}, metadata } = (await render()).one('Secret');
    expect(Object.keys(data).toSorted()).toEqual([
      'DATABASE_PASSWORD',
      'PIN_SECRET',
      'REDIS_PASSWORD',
      'SESSION_SECRET',
    ]);
    const made = Object.values(data);
    expect(new Set(made).size).toBe(4);
    for (const secret of made) {
      expect(Buffer.from(secret, 'base64').toString()).toMatch(/^[a-zA-Z0-9]{48}$/);
    }
    expect(metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
  });

  it("all come from one Secret of yours, also those of the chart's own stores", async () => {
    const manifests = await render({ secrets: { existingSecret: 'mine', pinSecretKey: 'pin' } });
    expect(manifests.of('Secret')).toEqual([]);
    for (const [variable, key] of [
      ['PIN_SECRET', 'pin'],
      ['SESSION_SECRET', 'SESSION_SECRET'],
      ['REDIS_PASSWORD', 'REDIS_PASSWORD'],
      ['DATABASE_PASSWORD', 'DATABASE_PASSWORD'],
    ] as const) {
      expect(manifests.env.get(variable)).toEqual(fromSecret(variable, 'mine', key));
    }
    const ofStores = manifests.pods
      .filter(({ owner }) => owner.startsWith('StatefulSet'))
      .flatMap(({ spec }) => spec.containers[0]!.env!.filter(({ valueFrom }) => valueFrom));
    expect(ofStores).toEqual([
      fromSecret('POSTGRESQL_PASSWORD', 'mine', 'DATABASE_PASSWORD'),
      fromSecret('REDIS_PASSWORD', 'mine', 'REDIS_PASSWORD'),
    ]);
  });

  it('of external stores come from theirs', async () => {
    const manifests = await render({
      secrets: { existingSecret: 'mine' },
      redis: { enabled: false },
      externalRedis: { existingSecret: 'other', urlKey: 'redis' },
      postgresql: { enabled: false },
      externalPostgresql: { existingSecret: 'other', urlKey: 'database' },
    });
    expect(manifests.env.get('REDIS_URL')).toEqual(fromSecret('REDIS_URL', 'other', 'redis'));
    expect(manifests.env.get('DATABASE_URL')).toEqual(
      fromSecret('DATABASE_URL', 'other', 'database'),
    );
  });

  describe('rendered without a cluster, as by Argo CD', () => {
    const SENTENCE =
      'The secrets would be generated anew at each rendering, because no cluster can be asked for them here: set secrets.existingSecret to a Secret with the keys PIN_SECRET, SESSION_SECRET, REDIS_PASSWORD, DATABASE_PASSWORD.';

    it.each(HELMS)('are refused by Helm %s if they would be generated', async (major) => {
      expect(await refusal({}, { major, cluster: false })).toContain(SENTENCE);
      // Argo CD passes all the APIs of the cluster, its own among them.
      const apis = [...EVERYTHING, 'argoproj.io/v1alpha1'];
      expect(await refusal({}, { major, apis })).toContain(SENTENCE);
    });

    it('are generated if you say so', async () => {
      const manifests = await render({ secrets: { generate: true } }, { cluster: false });
      expect(manifests.of('Secret')).toHaveLength(1);
    });

    it.each(exampleValues())(
      'make the same twice if you bring them, with %s',
      async (_, values) => {
        const brought = { ...values, secrets: { existingSecret: 'mine' } };
        const twice = [await render(brought), await render(brought)];
        expect(twice[0]!.all).toEqual(twice[1]!.all);
        expect(twice[0]!.of('Secret')).toEqual([]);
      },
    );
  });

  it('of the chart’s stores reach the service in URLs that Kubernetes composes', async () => {
    const { env } = await render();
    expect(env.get('REDIS_PASSWORD')).toEqual(fromSecret('REDIS_PASSWORD', OWN, 'REDIS_PASSWORD'));
    expect(env.get('REDIS_URL')).toEqual({
      name: 'REDIS_URL',
      value: 'redis://:$(REDIS_PASSWORD)@demo-cluster-pairing-redis:6379',
    });
    expect(env.get('DATABASE_URL')).toEqual({
      name: 'DATABASE_URL',
      value:
        'postgresql://pairing:$(DATABASE_PASSWORD)@demo-cluster-pairing-postgresql:5432/pairing',
    });
    // Only what is named before it is put in.
    const names = [...env.keys()];
    expect(names.indexOf('REDIS_PASSWORD')).toBeLessThan(names.indexOf('REDIS_URL'));
    expect(names.indexOf('DATABASE_PASSWORD')).toBeLessThan(names.indexOf('DATABASE_URL'));
  });

  it.each([
    'redis://pairing:$(REDIS_PASSWORD)@one',
    'redis+sentinel://pairing:$(REDIS_PASSWORD)@one,two/pairing',
    'rediss+cluster://pairing:$(REDIS_PASSWORD)@one,two',
  ])('of external stores too: %s', async (url) => {
    const { env } = await render({
      redis: { enabled: false },
      externalRedis: { url, existingSecret: 'mine', passwordKey: 'password' },
    });
    const names = [...env.keys()];
    expect(names.indexOf('REDIS_PASSWORD')).toBeLessThan(names.indexOf('REDIS_URL'));
    expect(env.get('REDIS_PASSWORD')).toEqual(fromSecret('REDIS_PASSWORD', 'mine', 'password'));
    expect(env.get('REDIS_URL')?.value).toBe(url);
  });

  it.each([
    ['PIN_SECRET_PREVIOUS', 'previousPinSecretKey'],
    ['SESSION_SECRET_PREVIOUS', 'previousSessionSecretKey'],
  ])('that are being replaced are given beside the new ones: %s', async (name, key) => {
    const { env } = await render({ secrets: { [key]: 'OLD' } });
    expect(env.get(name)).toEqual(fromSecret(name, OWN, 'OLD'));
  });

  it('of the client at CERN SSO come from a Secret, its identifier too if wanted', async () => {
    const { env } = await render({
      oidc: { existingSecret: 'oidc-client-secret', clientIdKey: 'clientID' },
    });
    expect(env.get('OIDC_CLIENT_ID')).toEqual(
      fromSecret('OIDC_CLIENT_ID', 'oidc-client-secret', 'clientID'),
    );
    expect(env.get('OIDC_CLIENT_SECRET')).toEqual(
      fromSecret('OIDC_CLIENT_SECRET', 'oidc-client-secret', 'clientSecret'),
    );
  });
});
