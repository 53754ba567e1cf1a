import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CHART, helm, HELMS } from '../support/chart.js';
import { CleanUp } from '../support/clean-up.js';
import { KubernetesApi } from '../support/kubernetes-api.js';

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
    expect(notes).toContain('helm test demo --namespace pairing');
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
    await upgrade({ replicas: 3 });
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
    await upgrade({ redis: { enabled: false }, externalRedis: { url: 'redis://elsewhere' } });
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
});
