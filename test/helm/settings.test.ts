import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { exampleValues, render } from '../support/chart.js';
import { CleanUp } from '../support/clean-up.js';
import { codesIn, tableBelow } from '../support/documents.js';
import { freePort } from '../support/ports.js';
import { Program, until } from '../support/process.js';
import { PostgresServer } from '../support/postgres.js';
import { RedisServer } from '../support/redis.js';
import { runService } from '../support/service.js';

/** What the image or the platform decides, so that the chart need not. */
const NOT_OF_THE_CHART = new Set(['HOST', 'DATA_DIR']);

/** The settings in the table of docs/settings.md, of which a row may have several. */
function documented(): string[] {
  const names = tableBelow('docs/settings.md', '# Settings').flatMap(([cell = '']) =>
    codesIn(cell),
  );
  return names.filter((name) => !NOT_OF_THE_CHART.has(name));
}

describe('The settings of the service', () => {
  it('can all be set by values of their own', async () => {
    const { properties } = JSON.parse(
      readFileSync('helm/cluster-pairing/values.schema.json', 'utf8'),
    ) as { properties: { settings: { properties: object } } };
    const { env } = await render({
      oidc: { clientId: 'pairing', existingSecret: 'mine', audience: 'another' },
      secrets: { previousPinSecretKey: 'pin', previousSessionSecretKey: 'session' },
    });
    const settable = new Set([...env.keys(), ...Object.keys(properties.settings.properties)]);
    expect(documented().length).toBeGreaterThan(10);
    expect(documented().filter((name) => !settable.has(name))).toEqual([]);
  });

  it.each(exampleValues())('are unique with %s', async (_name, values) => {
    const names = (await render(values)).container.env!.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });

  it('that are empty are left to the service', async () => {
    const { env } = await render();
    expect([...env.values()].filter(({ value }) => value === '')).toEqual([]);
    expect(env.has('PIN_TTL')).toBe(false);
  });

  it('are replaced by extraEnv, and not set twice', async () => {
    const LOG_LEVEL = { name: 'LOG_LEVEL', value: 'debug' };
    const NODE_OPTIONS = { name: 'NODE_OPTIONS', value: '--max-old-space-size=300' };
    const { container, env } = await render({
      settings: { LOG_LEVEL: 'warn' },
      extraEnv: [NODE_OPTIONS, LOG_LEVEL],
    });
    expect(env.get('NODE_OPTIONS')).toEqual(NODE_OPTIONS);
    expect(env.get('LOG_LEVEL')).toEqual(LOG_LEVEL);
    expect(container.env!.length).toBe(env.size);
  });

  it('lead to an external Redis over TLS with files of a Secret, as docs/operations.md shows it', async () => {
    const [, example = ''] =
      /On Kubernetes the files come from a Secret[^]*?```yaml\n([^]*?)```/.exec(
        readFileSync('docs/operations.md', 'utf8'),
      ) ?? [];
    const { container, service, env } = await render(parse(example) as object);
    const url = env.get('REDIS_URL')!.value!;
    const mount = container.volumeMounts!.find(({ name }) => name === 'redis');
    const volume = service.volumes!.find(({ name }) => name === 'redis');
    expect(volume?.secret?.secretName).toBe('cluster-pairing-redis-tls');
    for (const name of ['sslrootcert', 'sslcert', 'sslkey']) {
      expect(new URL(url).searchParams.get(name)).toMatch(`${mount!.mountPath}/`);
    }
  });

  it('are written as they are given', async () => {
    const settings = { HOLD_SECONDS: 20, MAX_HELD_REQUESTS: 1000000, PIN_TTL: '12h' };
    const { env } = await render({ settings });
    for (const [name, value] of Object.entries(settings)) {
      expect(env.get(name)).toEqual({ name, value: String(value) });
    }
  });
});

describe('With the environment that the chart gives it', () => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  /** Starts the service with its variables, in this place of stores, and runs the chart's test against it. */
  async function startAndTest(values: object, stores: Record<string, string>) {
    const port = String(await freePort());
    const manifests = await render(values);
    const { data = {} } = manifests.one('Secret');
    const given = [...manifests.env.values()].map(({ name, value, valueFrom }) => {
      const key = valueFrom?.secretKeyRef?.key;
      return [name, key ? Buffer.from(data[key] ?? 'bWluZQ==', 'base64').toString() : value];
    });
    const env = Object.fromEntries(given) as Record<string, string>;
    const expand = (text: string) => text.replaceAll(/\$\((\w+)\)/g, (_, name) => env[name]!);
    env['DATABASE_URL'] = expand(env['DATABASE_URL']!);
    const elsewhere = {
      PORT: port,
      METRICS_PORT: String(await freePort()),
      // No test asks CERN SSO.
      OIDC_ISSUER: `https://127.0.0.1:${await freePort()}/auth/realms/cern`,
      ...stores,
    };
    const service = cleanUp.add(runService({ ...env, ...elsewhere }));
    const isListening = async () => {
      if (!service.running) throw new Error(service.output);
      const live = await fetch(`http://127.0.0.1:${port}/health/live`).catch(() => undefined);
      return live?.ok ?? false;
    };
    await until('the service to listen', isListening, 30_000);
    const { spec } = manifests.pods.find(({ owner }) => owner.startsWith('Pod'))!;
    const variables = spec.containers[0]!.env!.map(({ name, value }) => [name, value!]);
    const test = cleanUp.add(
      new Program(process.execPath, spec.containers[0]!.args!, {
        ...(Object.fromEntries(variables) as Record<string, string>),
        SERVICE: `http://127.0.0.1:${port}`,
      }),
    );
    return { code: await test.ended, said: test.output };
  }

  it('the service starts, and passes the test of the chart', async () => {
    const redis = cleanUp.add(await RedisServer.start());
    const postgres = cleanUp.add(await PostgresServer.start());
    const stores = { REDIS_URL: redis.url, DATABASE_URL: postgres.url };
    expect(await startAndTest({}, stores)).toEqual({
      code: 0,
      said: 'ok: Redis\nok: the record database\nok: a poll\n',
    });
  });

  it('the test of the chart names the record database if nobody can get a PIN', async () => {
    const redis = cleanUp.add(await RedisServer.start());
    expect(await startAndTest({}, { REDIS_URL: redis.url })).toEqual({
      code: 1,
      said: 'ok: Redis\nNOT OK: the record database. Nobody gets a PIN: see the log of the service.\nok: a poll\n',
    });
  });

  it('the test of the chart names Redis if no cluster can form', async () => {
    const postgres = cleanUp.add(await PostgresServer.start());
    const nobody = `redis://127.0.0.1:${await freePort()}`;
    const { code, said } = await startAndTest(
      {},
      { REDIS_URL: nobody, DATABASE_URL: postgres.url },
    );
    expect(code).toBe(1);
    expect(said).toBe(
      'NOT OK: Redis. No cluster forms: see the log of the service.\nok: the record database\nNOT OK: a poll. It was answered 503 instead of 404.\n',
    );
  });

  it('the test of the chart names CERN SSO if nobody can sign in', async () => {
    const redis = cleanUp.add(await RedisServer.start());
    const postgres = cleanUp.add(await PostgresServer.start());
    const oidc = { clientId: 'cluster-pairing', existingSecret: 'mine' };
    const { code, said } = await startAndTest(
      { oidc },
      { REDIS_URL: redis.url, DATABASE_URL: postgres.url },
    );
    expect(code).toBe(1);
    expect(said).toBe(
      'ok: Redis\nok: the record database\nNOT OK: CERN SSO. Nobody can sign in: see the log of the service.\nok: a poll\n',
    );
  });

  it('keeps its log after it succeeded, which Helm 3 reads only then', async () => {
    const { annotations } = (await render()).one('Pod').metadata;
    expect(annotations).toMatchObject({ 'helm.sh/hook-delete-policy': 'before-hook-creation' });
  });
});
