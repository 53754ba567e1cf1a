import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { IdentityProvider } from '../../dev/identity-provider.js';
import { freePort } from '../support/ports.js';
import { until } from '../support/process.js';
import { runService, startProvider, startService } from '../support/service.js';

const production = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://pairing.example.org',
  PIN_SECRET: 'pin-secret-of-a-test-0123456789abcdef',
  SESSION_SECRET: 'session-secret-of-a-test-0123456789',
  OIDC_CLIENT_ID: 'cluster-pairing',
  OIDC_CLIENT_SECRET: 'client-secret-of-a-test',
};

describe('Starting and stopping', () => {
  let dataDir: string;
  let provider: IdentityProvider;
  beforeAll(async () => {
    provider = await startProvider();
  });
  afterAll(() => provider.close());
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'pairing-'));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  describe('stops with one error line and exit code 1 when', () => {
    it.each<[string, NodeJS.ProcessEnv, string]>([
      ['the port is none', { PORT: '70000' }, 'PORT must be a port number, 0 to 65535.'],
      ['the log level is none', { LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of fatal, '],
      ['a PIN would live too long', { PIN_TTL: '25h' }, 'PIN_TTL must be 10m to 24h.'],
      ['a PIN would live too short', { PIN_TTL: '9m' }, 'PIN_TTL must be 10m to 24h.'],
      ['the lifetime has no unit', { PIN_TTL: '3600' }, 'PIN_TTL must be 10m to 24h.'],
      ['the secret is short', { PIN_SECRET: 'hush' }, 'PIN_SECRET must have at least 32 '],
      ['the issuer is no URL', { OIDC_ISSUER: 'auth.cern.ch' }, 'OIDC_ISSUER must be an http(s) '],
      ['a proxy is no address', { TRUSTED_PROXIES: 'proxy' }, 'TRUSTED_PROXIES must be a number '],
      [
        'a network is none',
        { TRUSTED_PROXIES: '10.0.0.0/33' },
        'TRUSTED_PROXIES must be a number ',
      ],
      ['NODE_ENV is unknown', { NODE_ENV: 'prod' }, 'NODE_ENV must be development, test or prod'],
      ['production lacks the secret', { ...production, PIN_SECRET: '' }, 'Set PIN_SECRET to at '],
      [
        'production lacks the secret of sessions',
        { ...production, SESSION_SECRET: '' },
        'Set SESSION_SECRET to at ',
      ],
      [
        "production lacks the client's secret",
        { ...production, OIDC_CLIENT_SECRET: '' },
        'Set OIDC_CLIENT_SECRET to the ',
      ],
      ['production lacks the client', { ...production, OIDC_CLIENT_ID: '' }, 'Set OIDC_CLIENT_ID '],
      [
        'production would trust the development identity provider',
        { ...production, OIDC_ISSUER: 'http://localhost:3001/auth/realms/cern' },
        'OIDC_ISSUER must be an https URL in production',
      ],
      ['production lacks PUBLIC_URL', { ...production, PUBLIC_URL: '' }, 'Set PUBLIC_URL to the '],
      [
        'production would send its cookies in clear',
        { ...production, PUBLIC_URL: 'http://pairing.example.org' },
        'PUBLIC_URL must be an https URL in production',
      ],
      [
        'the service should be served below a path',
        { PUBLIC_URL: 'https://example.org/pairing' },
        'PUBLIC_URL must be an http(s) URL without a path',
      ],
      [
        'two secrets of production are equal',
        { ...production, SESSION_SECRET: production.PIN_SECRET },
        'PIN_SECRET and SESSION_SECRET must differ.',
      ],
      [
        'an algorithm is no signature by a key pair',
        { OIDC_ALGORITHMS: 'RS256,HS256' },
        'OIDC_ALGORITHMS must be one or several of RS256, ',
      ],
    ])('%s', async (_, env, sentence) => {
      const program = runService({ DATA_DIR: dataDir, PORT: '0', ...env });
      expect(await program.ended).toBe(1);
      expect(program.output).toMatch(/^[^\n]+\.\n$/);
      expect(program.output).toContain(sentence);
      for (const secret of ['hush', production.PIN_SECRET]) {
        expect(program.output).not.toContain(secret);
      }
    });

    it('the port is in use', async () => {
      const other = createServer();
      await once(other.listen(0, '127.0.0.1'), 'listening');
      const { port } = other.address() as { port: number };
      const program = runService({ DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'error' });
      expect(await program.ended).toBe(1);
      expect(program.output).toBe(
        `Port ${port} of 127.0.0.1 is in use: stop what uses it, or set PORT.\n`,
      );
      other.close();
    });

    it('the database file is not a database', async () => {
      const file = join(dataDir, 'pairing.sqlite');
      await writeFile(file, 'not a database, and long enough to be seen as none'.repeat(100));
      const program = runService({ DATA_DIR: dataDir, PORT: '0' });
      expect(await program.ended).toBe(1);
      expect(program.output).toBe(
        `The database file ${file} cannot be used: file is not a database.\n`,
      );
    });

    it('the data folder is a file', async () => {
      const file = join(dataDir, 'file');
      await writeFile(file, '');
      const program = runService({ DATA_DIR: file, PORT: '0' });
      expect(await program.ended).toBe(1);
      expect(program.output).toMatch(/^DATA_DIR cannot be used: [^\n]+\.\n$/);
    });
  });

  it('an empty variable counts as unset', async () => {
    const service = await startService({ LOG_LEVEL: '', REQUIRED_ROLE: '' }, provider);
    expect(await service.issuePin()).toMatch(/^[a-z0-9]{12}$/);
    await service.stop();
  });

  it('SIGTERM ends it cleanly', async () => {
    const service = await startService({}, provider);
    expect(await service.program.stop('SIGTERM')).toBe(0);
    await service.stop();
  });

  it('acknowledged writes survive kill -9', async () => {
    const env = { DATA_DIR: dataDir };
    const killed = await startService(env, provider);
    const pin = await killed.issuePin();
    const acknowledged: string[] = [];
    const writers = Array.from({ length: 60 }, async (_, n) => {
      const key = `key${n}`;
      const { status } = await killed.addKey(pin, key, 'x');
      if (status === 201) acknowledged.push(key);
    });
    const written = Promise.allSettled(writers);
    await until('the first writes', () => acknowledged.length > 0);
    await killed.program.stop('SIGKILL');
    await written;

    const restarted = await startService(env, provider);
    const { json } = await restarted.api(`/clusters/${pin}/keys`);
    const kept = (json as { key: string }[]).map(({ key }) => key);
    expect(kept).toEqual(expect.arrayContaining(acknowledged));
    await restarted.stop();
  });

  it.each([
    ['and warns that it may open fewer files than connections', 3_000, 5_000, true],
    ['and does not warn when it may open enough', 8_000, 5_000, false],
  ])('starts, %s', async (_, files, connections, warns) => {
    const env = {
      DATA_DIR: dataDir,
      PORT: String(await freePort()),
      MAX_HELD_REQUESTS: String(connections - 1_000),
      CONNECTION_RESERVE: '1000',
    };
    const program = runService(env, { openFiles: files });
    await until('the log to say that it is ready', () => program.output.includes('ready'));
    await program.stop();
    const warning = `This process may open ${files} files, which is less than its ${connections} connections`;
    expect(program.output.includes(warning)).toBe(warns);
  });

  it('logs JSON lines in production', async () => {
    const port = await freePort();
    const program = runService({
      ...production,
      DATA_DIR: dataDir,
      PORT: String(port),
      LOG_LEVEL: 'trace',
    });
    await until('the log to say that it is ready', () => program.output.includes('"ready"'));
    await fetch(`http://localhost:${port}/api/v1/clusters/abcdefghijkl`);
    await program.stop();
    const lines = program.output.trim().split('\n');
    const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(logged).toContainEqual(
      expect.objectContaining({
        msg: 'request',
        method: 'GET',
        route: '/api/v1/clusters/:pin',
        status: 404,
      }),
    );
  });
});
