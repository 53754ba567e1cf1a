import { describe, expect, it } from '@jest/globals';
import { readSettings } from '../../src/config/read-settings.js';

describe('The settings', () => {
  const PIN_SECRET = 'x'.repeat(32);

  it('have defaults for development, on the loopback interface only', () => {
    expect(readSettings({ PIN_SECRET })).toMatchObject({
      production: false,
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://localhost:3000',
      dataDir: 'data',
      pinTtlMs: 24 * 3_600_000,
      issuer: 'https://auth.cern.ch/auth/realms/cern',
      clientId: 'cluster-pairing',
      audience: 'cluster-pairing',
      requiredRole: undefined,
      maxWaitSeconds: 25,
      holdSeconds: 0,
      maxHeldRequests: 20_000,
    });
  });

  it('listen on all interfaces in production', () => {
    const env = {
      NODE_ENV: 'production',
      PIN_SECRET,
      SESSION_SECRET: PIN_SECRET,
      OIDC_CLIENT_ID: 'pairing',
      OIDC_CLIENT_SECRET: 'hush',
    };
    expect(readSettings(env)).toMatchObject({ host: '0.0.0.0', audience: 'pairing' });
  });

  it.each([
    ['10m', 600_000],
    ['90m', 5_400_000],
    ['24h', 86_400_000],
    ['1440m', 86_400_000],
  ])('read a lifetime of %s', (PIN_TTL, ms) => {
    expect(readSettings({ PIN_SECRET, PIN_TTL }).pinTtlMs).toBe(ms);
  });

  it.each([
    ['2', 2],
    ['10.0.0.0/8, ::1', ['10.0.0.0/8', '::1']],
  ])('read trusted proxies from "%s"', (TRUSTED_PROXIES, proxies) => {
    expect(readSettings({ PIN_SECRET, TRUSTED_PROXIES }).trustedProxies).toEqual(proxies);
  });

  it('cannot be changed', () => {
    expect(Object.isFrozen(readSettings({ PIN_SECRET }))).toBe(true);
  });
});
