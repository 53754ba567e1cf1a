import type { IStatefulSetSpec } from 'kubernetes-models/apps/v1/StatefulSetSpec';
import { describe, expect, it } from '@jest/globals';
import { render } from '../support/chart.js';

const specOf = async (store: string, values: object = {}) =>
  (await render(values)).one('StatefulSet', store).spec as IStatefulSetSpec;

describe('The Redis of the chart', () => {
  it('loses nothing it has acknowledged, and drops nothing that lives', async () => {
    const [container] = (await specOf('redis')).template.spec!.containers;
    expect(container?.args?.join(' ')).toBe(
      '--dir /data --appendonly yes --appendfsync always --save  --maxmemory 128mb ' +
        '--maxmemory-policy noeviction --requirepass $(REDIS_PASSWORD)',
    );
    expect(container?.volumeMounts).toContainEqual({ name: 'data', mountPath: '/data' });
  });
});

describe('The PostgreSQL of the chart', () => {
  it('has its data on a volume, and all else that it writes where it may be lost', async () => {
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
  it('is of the size and the class that are asked for', async () => {
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

  it('is of the class of the cluster by default, and stays when the release goes', async () => {
    const spec = await specOf(store);
    expect(spec.volumeClaimTemplates?.[0]?.spec).not.toHaveProperty('storageClassName');
    // What Kubernetes does unless told.
    expect(spec).not.toHaveProperty('persistentVolumeClaimRetentionPolicy');
  });

  it('is not there when the store is your own', async () => {
    const external = store === 'redis' ? 'externalRedis' : 'externalPostgresql';
    const manifests = await render({
      [store]: { enabled: false },
      [external]: { existingSecret: 'mine', urlKey: 'url' },
    });
    expect(manifests.all.filter(({ metadata }) => metadata.name.endsWith(store))).toEqual([]);
  });
});
