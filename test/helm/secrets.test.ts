import { describe, expect, it } from '@jest/globals';
import { fromSecret, render } from '../support/chart.js';

const OWN = 'demo-cluster-pairing-secrets';

describe('Secrets', () => {
  it('are generated for a trial, long and different', async () => {
    const { data = {}, metadata } = (await render()).one('Secret');
    expect(Object.keys(data)).toEqual([
      'PIN_SECRET',
      'SESSION_SECRET',
      'REDIS_PASSWORD',
      'DATABASE_PASSWORD',
    ]);
    const made = Object.values(data);
    expect(new Set(made).size).toBe(4);
    for (const secret of made) {
      expect(Buffer.from(secret, 'base64').toString()).toMatch(/^[a-zA-Z0-9]{48}$/);
    }
    expect(metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
  });

  it('are not generated when all are given', async () => {
    const manifests = await render({
      secrets: { existingSecret: 'mine', pinSecretKey: 'pin' },
      redis: { enabled: false },
      externalRedis: { existingSecret: 'mine', urlKey: 'redis' },
      postgresql: { enabled: false },
      externalPostgresql: { existingSecret: 'mine', urlKey: 'database' },
    });
    expect(manifests.of('Secret')).toEqual([]);
    expect(manifests.env.get('PIN_SECRET')).toEqual(fromSecret('PIN_SECRET', 'mine', 'pin'));
    expect(manifests.env.get('SESSION_SECRET')).toEqual(
      fromSecret('SESSION_SECRET', 'mine', 'SESSION_SECRET'),
    );
    expect(manifests.env.get('REDIS_URL')).toEqual(fromSecret('REDIS_URL', 'mine', 'redis'));
    expect(manifests.env.get('DATABASE_URL')).toEqual(
      fromSecret('DATABASE_URL', 'mine', 'database'),
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

  it('of external stores too', async () => {
    const { env } = await render({
      redis: { enabled: false },
      externalRedis: {
        url: 'redis+sentinel://pairing:$(REDIS_PASSWORD)@one,two/pairing',
        existingSecret: 'mine',
        passwordKey: 'password',
      },
    });
    const names = [...env.keys()];
    expect(names.indexOf('REDIS_PASSWORD')).toBeLessThan(names.indexOf('REDIS_URL'));
    expect(env.get('REDIS_PASSWORD')).toEqual(fromSecret('REDIS_PASSWORD', 'mine', 'password'));
    expect(env.get('REDIS_URL')?.value).toBe(
      'redis+sentinel://pairing:$(REDIS_PASSWORD)@one,two/pairing',
    );
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
