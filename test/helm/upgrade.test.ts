import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CHART, helm, HELMS } from '../support/chart.js';
import { CleanUp } from '../support/clean-up.js';
import { KubernetesApi } from '../support/kubernetes-api.js';

interface Workload {
  readonly spec: {
    readonly replicas?: number;
    readonly template: {
      readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
    };
  };
}

const SECRET = 'demo-cluster-pairing-secrets';

describe.each(HELMS)('A release of Helm %s', (major) => {
  const cleanUp = new CleanUp();
  let api: KubernetesApi;
  beforeEach(async () => {
    api = cleanUp.add(await KubernetesApi.start());
  });
  afterEach(() => cleanUp.run());

  async function run(command: string, args: string[] = [], values?: object): Promise<string> {
    const where = [`--kubeconfig=${api.kubeconfig}`, '--namespace=pairing'];
    const options = { major, ...(values && { values }) };
    const { code, output, error } = await helm([command, 'demo', ...args, ...where], options);
    if (code !== 0) throw new Error(error);
    return output;
  }
  // This API has no schemas; schemas.test.ts has.
  const chart = [CHART, '--values=-', '--disable-openapi-validation'];
  const install = (values = {}) => run('install', chart, values);
  const upgrade = (values = {}) => run('upgrade', chart, values);
  const secrets = () => api.find('secrets', SECRET)?.['data'];

  it('installs a trial without values, and prints the next steps', async () => {
    const notes = await install();
    expect(api.names('deployments')).toEqual(['demo-cluster-pairing']);
    expect(api.names('statefulsets').toSorted()).toEqual([
      'demo-cluster-pairing-postgresql',
      'demo-cluster-pairing-redis',
    ]);
    expect(notes).toContain('helm test demo --namespace pairing --logs');
    expect(notes).toContain(
      'kubectl port-forward --namespace pairing service/demo-cluster-pairing',
    );
    expect(notes).toContain('--set oidc.clientId=');
  });

  it('keeps its secrets over upgrades and a rollback', async () => {
    await install();
    const made = secrets();
    expect(made).toBeDefined();
    await upgrade();
    expect(secrets()).toEqual(made);
    await upgrade({ replicaCount: 3 });
    expect(secrets()).toEqual(made);
    await run('rollback', ['1']);
    expect(secrets()).toEqual(made);
    expect(api.find('deployments', 'demo-cluster-pairing')).toMatchObject({
      spec: { replicas: 2 },
    });
  });

  it('keeps the secrets of a store that is removed and added again', async () => {
    await install();
    const made = secrets();
    await upgrade({
      redis: { enabled: false },
      externalRedis: { url: 'redis://elsewhere' },
      allowStoreChange: true,
    });
    expect(api.names('statefulsets')).toEqual(['demo-cluster-pairing-postgresql']);
    await upgrade();
    expect(secrets()).toEqual(made);
  });

  it('keeps them when it is uninstalled and installed again', async () => {
    await install();
    const made = secrets();
    await run('uninstall');
    expect(api.names('deployments')).toEqual([]);
    expect(secrets()).toEqual(made);
    await install();
    expect(secrets()).toEqual(made);
  });

  const annotation = (resource: string, name: string) => {
    const { spec } = api.find(resource, name) as unknown as Workload;
    return spec.template.metadata.annotations?.['checksum/secrets'];
  };
  const annotations = () => ({
    service: annotation('deployments', 'demo-cluster-pairing'),
    redis: annotation('statefulsets', 'demo-cluster-pairing-redis'),
    postgresql: annotation('statefulsets', 'demo-cluster-pairing-postgresql'),
  });

  it('restarts pods when their secret changes, and no others', async () => {
    await install();
    const first = annotations();
    await upgrade();
    expect(annotations()).toEqual(first);
    api.edit('secrets', SECRET, (secret) => {
      (secret['data'] as Record<string, string>)['REDIS_PASSWORD'] = 'bmV3';
    });
    await upgrade();
    const second = annotations();
    expect(second.redis).not.toBe(first.redis);
    expect(second.service).not.toBe(first.service);
    expect(second.postgresql).toBe(first.postgresql);
  });

  it('keeps the replicas when an autoscaler takes over, and what it has made of them', async () => {
    const replicas = () =>
      (api.find('deployments', 'demo-cluster-pairing') as unknown as Workload).spec.replicas;
    await install({ replicaCount: 6 });
    await upgrade({ replicaCount: 6, autoscaling: { enabled: true } });
    expect(replicas()).toBe(6);
    api.edit('deployments', 'demo-cluster-pairing', (deployment) => {
      (deployment['spec'] as { replicas: number }).replicas = 4;
    });
    await upgrade({ replicaCount: 6, autoscaling: { enabled: true } });
    expect(replicas()).toBe(4);
  });

  it('says what leaving its stores costs before it does so', async () => {
    await install();
    const own = { redis: { enabled: false }, externalRedis: { url: 'redis://elsewhere' } };
    await expect(upgrade(own)).rejects.toThrow(
      "With redis.enabled=false this release leaves the chart's redis, and with it all live clusters.",
    );
    const url = 'postgresql://pairing@elsewhere/pairing';
    const database = { postgresql: { enabled: false }, externalPostgresql: { url } };
    await expect(upgrade(database)).rejects.toThrow('and with it the record of PINs.');
    expect(api.names('statefulsets')).toHaveLength(2);
    await upgrade({ ...own, ...database, allowStoreChange: true });
    expect(api.names('statefulsets')).toEqual([]);
    // And once they are gone, nothing needs to be said.
    await upgrade({ ...own, ...database });
  });

  it('says how a volume grows instead of failing half-way', async () => {
    await install();
    const larger = { redis: { persistence: { size: '4Gi' } } };
    await expect(upgrade(larger)).rejects.toThrow(
      'The volume of demo-cluster-pairing-redis is 1Gi and should be 4Gi, but Kubernetes does not change the claim of a StatefulSet. Run `kubectl delete statefulset demo-cluster-pairing-redis --namespace pairing --cascade=orphan` first',
    );
    await expect(upgrade({ postgresql: { persistence: { enabled: false } } })).rejects.toThrow(
      'The volume of demo-cluster-pairing-postgresql is 2Gi and should be none of its own',
    );
    api.remove('statefulsets', 'demo-cluster-pairing-redis');
    await upgrade(larger);
  });
});
