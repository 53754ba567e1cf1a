import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { IStatefulSetSpec } from 'kubernetes-models/apps/v1/StatefulSetSpec';
import { Client } from 'pg';
import { createClient } from '@redis/client';
import { render } from '../support/chart.js';
import { CleanUp } from '../support/clean-up.js';
import { freePort } from '../support/ports.js';
import { PostgresServer } from '../support/postgres.js';
import { Program, until } from '../support/process.js';

const specOf = async (store: string, values: object = {}) =>
  (await render(values)).one('StatefulSet', store).spec as IStatefulSetSpec;

describe('The Redis of the chart', () => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  it('has its data on a volume', async () => {
    const [container] = (await specOf('redis')).template.spec!.containers;
    expect(container?.args?.slice(0, 2)).toEqual(['--dir', '/data']);
    expect(container?.volumeMounts).toContainEqual({ name: 'data', mountPath: '/data' });
  });

  it('loses no acknowledged write, evicts nothing, and requires a password', async () => {
    const [container] = (await specOf('redis')).template.spec!.containers;
    const [dir, port] = [await mkdtemp(join(tmpdir(), 'pairing-redis-')), await freePort()];
    cleanUp.add({ close: () => rm(dir, { recursive: true }) });
    const args = container!.args!.map((arg) =>
      arg.replace('/data', dir).replace('$(REDIS_PASSWORD)', 'open-sesame'),
    );
    // Where the chart has Valkey, this machine has Redis.
    const redis = cleanUp.add(new Program('redis-server', [...args, '--port', String(port)]));
    await until('Redis to be ready', () => redis.output.includes('Ready to accept connections'));

    const client = createClient({ url: `redis://:open-sesame@127.0.0.1:${port}` });
    await client.connect();
    cleanUp.add({ close: () => client.destroy() });
    expect(await client.configGet(['append*', 'maxmemory*', 'save'])).toMatchObject({
      appendonly: 'yes',
      appendfsync: 'always',
      save: '',
      maxmemory: String(128 * 1024 ** 2),
      'maxmemory-policy': 'noeviction',
    });
    const anyone = createClient({ url: `redis://127.0.0.1:${port}` });
    await expect(anyone.connect()).rejects.toThrow('NOAUTH');
    anyone.destroy();
  });
});

describe('The PostgreSQL of the chart', () => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  it('stops at once while the service holds its connections, and starts without recovery', async () => {
    const postgres = cleanUp.add(await PostgresServer.start());
    const clients = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const client = new Client({ connectionString: postgres.url });
        client.on('error', () => undefined);
        await client.connect();
        return client;
      }),
    );
    const [container] = (await specOf('postgresql')).template.spec!.containers;
    const [bash, ...args] = container!.lifecycle!.preStop!.exec!.command!.map((arg) =>
      arg.replace('/var/lib/pgsql/data/userdata', postgres.dir),
    );
    const begun = Date.now();
    expect(await new Program(bash!, args).ended).toBe(0);
    expect(await postgres.ended).toBe(0);
    expect(Date.now() - begun).toBeLessThan(5_000);
    expect(postgres.log).toContain('received fast shutdown request');
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
    await postgres.restart();
    expect(postgres.log).not.toContain('recovery');
  });

  it('has its data on a volume, and all other files in temporary folders', async () => {
    const { containers, volumes } = (await specOf('postgresql')).template.spec!;
    expect(containers[0]?.volumeMounts?.map(({ mountPath }) => mountPath)).toEqual([
      '/var/lib/pgsql',
      '/var/lib/pgsql/data',
      '/run/postgresql',
      '/tmp',
    ]);
    expect(volumes?.map(({ name }) => name)).toEqual(['home', 'run', 'tmp']);
  });
});

describe.each(['redis', 'postgresql'])('The volume of %s', (store) => {
  it('has the configured size and class', async () => {
    const persistence = { size: '7Gi', storageClass: 'fast' };
    const { volumeClaimTemplates } = await specOf(store, { [store]: { persistence } });
    expect(volumeClaimTemplates).toEqual([
      {
        metadata: { name: 'data' },
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'fast',
          resources: { requests: { storage: '7Gi' } },
        },
      },
    ]);
  });

  it('has the default class of the cluster, and stays when the release is removed', async () => {
    const spec = await specOf(store);
    expect(spec.volumeClaimTemplates?.[0]?.spec).not.toHaveProperty('storageClassName');
    // The default of Kubernetes.
    expect(spec).not.toHaveProperty('persistentVolumeClaimRetentionPolicy');
  });

  it('can be a claim of yours, or none', async () => {
    const claim = await specOf(store, { [store]: { persistence: { existingClaim: 'mine' } } });
    expect(claim).not.toHaveProperty('volumeClaimTemplates');
    expect(claim.template.spec!.volumes).toContainEqual({
      name: 'data',
      persistentVolumeClaim: { claimName: 'mine' },
    });
    const none = await specOf(store, { [store]: { persistence: { enabled: false } } });
    expect(none).not.toHaveProperty('volumeClaimTemplates');
    expect(none.template.spec!.volumes).toContainEqual({ name: 'data', emptyDir: {} });
  });

  it('is absent when the store is external', async () => {
    const external = store === 'redis' ? 'externalRedis' : 'externalPostgresql';
    const manifests = await render({
      [store]: { enabled: false },
      [external]: { existingSecret: 'mine', urlKey: 'url' },
    });
    expect(manifests.all.filter(({ metadata }) => metadata.name.endsWith(store))).toEqual([]);
  });
});
