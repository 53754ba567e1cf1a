import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { exampleValues, render } from '../support/chart.js';
import { CleanUp } from '../support/clean-up.js';
import { freePort } from '../support/ports.js';
import { Program, until } from '../support/process.js';
import { RedisServer } from '../support/redis.js';
import { runService } from '../support/service.js';

/** What the image or the platform decides, so that the chart need not. */
const NOT_OF_THE_CHART = new Set(['HOST', 'DATA_DIR']);

/** The settings in the table of docs/settings.md, of which a row may have several. */
function documented(): string[] {
  const table = readFileSync('docs/settings.md', 'utf8').match(/^\| `.*?` \|/gm) ?? [];
  const names = table.flatMap((cell) => cell.match(/\w+/g) ?? []);
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
    expect(env.has('HOLD_SECONDS')).toBe(false);
  });

  it('are written as they are given', async () => {
    const settings = { HOLD_SECONDS: 20, MAX_HELD_REQUESTS: 1000000, PIN_TTL: '12h' };
    const { env } = await render({ settings });
    for (const [name, value] of Object.entries(settings)) {
      expect(env.get(name)).toEqual({ name, value: String(value) });
    }
  });
});

describe('With the environment of a trial', () => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  it('the service starts, serves machines, and passes the test that the chart has for it', async () => {
    const redis = cleanUp.add(await RedisServer.start());
    const port = String(await freePort());
    const manifests = await render();
    const { data = {} } = manifests.one('Secret');
    const given = [...manifests.env.values()].map(({ name, value, valueFrom }) => {
      const key = valueFrom?.secretKeyRef?.key;
      return [name, key ? Buffer.from(data[key]!, 'base64').toString() : value];
    });
    const env = Object.fromEntries(given) as Record<string, string>;
    // As Kubernetes does. Nothing is there, of which machines notice nothing.
    env['DATABASE_URL'] = env['DATABASE_URL']!.replaceAll(/\$\((\w+)\)/g, (_, name) => env[name]!);
    const elsewhere = { PORT: port, METRICS_PORT: String(await freePort()), REDIS_URL: redis.url };
    const service = cleanUp.add(runService({ ...env, ...elsewhere }));
    const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
    await until('the service to be ready', async () => {
      if (!service.running) throw new Error(service.output);
      return (await ask('/health/ready'))?.ok ?? false;
    });
    const [container] = manifests.pods.find(({ owner }) => owner.startsWith('Pod'))!.spec
      .containers;
    const url = 'http://demo-cluster-pairing:80';
    const args = container!.args!.map((arg) => arg.replace(url, `http://127.0.0.1:${port}`));
    const test = cleanUp.add(new Program(process.execPath, args));
    expect(await test.ended).toBe(0);
    expect(test.output).toBe(
      '/health/ready: 200\n/api/v1/clusters/000000000000/keys/master_ready: 404\n',
    );
  });
});
