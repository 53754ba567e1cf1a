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
      holdSeconds: 25,
      holdBeforeMaster: false,
      maxHeldRequests: 20_000,
    });
  });

  const production = {
    NODE_ENV: 'production',
    PUBLIC_URL: 'https://pairing.example.org',
    PIN_SECRET: 'pin-secret-of-a-test-0123456789abcdef',
    SESSION_SECRET: 'session-secret-of-a-test-0123456789',
    OIDC_CLIENT_ID: 'pairing',
    OIDC_CLIENT_SECRET: 'hush',
  };

  it('listen on all interfaces in production', () => {
    expect(readSettings(production)).toMatchObject({ host: '::', audience: 'pairing' });
  });

  it.each([
    ['hexadecimal', '9f86d081884c7d659a2feaa0c55ad015'],
    ['Base64', 'u6vyGD0Xr6Vp0v7TvZ1nqvXQ0bWwq1Qm3bS8mYk5J0E='],
  ])('accept a random secret in %s in production', (_, SESSION_SECRET) => {
    expect(readSettings({ ...production, SESSION_SECRET })).toMatchObject({ production: true });
  });

  it.each([
    ['PIN_SECRET', 'of 15 different characters', 'abcdefghijklmno'.repeat(3)],
    ['SESSION_SECRET', 'of 15 different characters', 'abcdefghijklmno'.repeat(3)],
    ['PIN_SECRET', 'of digits', '0123456789'.repeat(4)],
    ['SESSION_SECRET', 'that was to be changed', 'changeme-0123456789-abcdefghijklmnopq'],
    ['OIDC_CLIENT_SECRET', 'of development', 'development'],
    ['OIDC_CLIENT_SECRET', 'that was to be changed', 'changeme'],
    ['OIDC_CLIENT_SECRET', 'that was to be changed', 'CHANGE-ME please'],
  ])('refuse a %s %s in production', (name, _, secret) => {
    expect(() => readSettings({ ...production, [name]: secret })).toThrow(
      new RegExp(`^(Set )?${name} (can be guessed|to the secret)`),
    );
  });

  it('accept http for localhost in production, as with a port-forward', () => {
    const PUBLIC_URL = 'http://localhost:3000';
    expect(readSettings({ ...production, PUBLIC_URL })).toMatchObject({ publicUrl: PUBLIC_URL });
  });

  it('understand the URL of the discovery document as the issuer', () => {
    const OIDC_ISSUER = 'https://sso.example.org/realms/a/.well-known/openid-configuration';
    expect(readSettings({ PIN_SECRET, OIDC_ISSUER }).issuer).toBe(
      'https://sso.example.org/realms/a',
    );
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
