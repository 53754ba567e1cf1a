import { describe, expect, it } from '@jest/globals';
import { exampleValues, render } from '../support/chart.js';

interface Workload {
  readonly template: { metadata: { labels: object } };
  readonly selector: { matchLabels: object };
}

describe.each(exampleValues())('With %s', (_name, values) => {
  it('a stopping pod has time to end after the proxies have removed it, and not much more', async () => {
    const { service, container } = await render(values);
    const sleep = container.lifecycle!.preStop!.sleep!.seconds;
    // A router of OpenShift reloads every 5 s.
    expect(sleep).toBeGreaterThan(5);
    // docs/operations.md, "Stopping": held requests are answered early, so that it takes 11 s, however long the waits.
    expect(service.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(sleep + 15);
    expect(service.terminationGracePeriodSeconds).toBeLessThanOrEqual(sleep + 30);
  });

  it('a new pod serves before an old one goes', async () => {
    const { spec } = (await render(values)).one('Deployment');
    expect(spec).toMatchObject({
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    });
  });

  it('no label of a pod changes with the version, which would restart the stores', async () => {
    const specs = (await render(values)).all.map(({ spec }) => (spec ?? {}) as Partial<Workload>);
    for (const { template, selector } of specs.filter((spec) => spec.template)) {
      expect(template?.metadata.labels).toEqual(selector?.matchLabels);
    }
  });

  it('pods are spread over nodes and zones, where there are several', async () => {
    const manifests = await render(values);
    const { selector } = manifests.one('Deployment').spec as { selector: object };
    const spread = manifests.service.topologySpreadConstraints!;
    expect(spread.map(({ topologyKey }) => topologyKey)).toEqual([
      'kubernetes.io/hostname',
      'topology.kubernetes.io/zone',
    ]);
    for (const each of spread) {
      expect(each).toMatchObject({ whenUnsatisfiable: 'ScheduleAnyway', labelSelector: selector });
    }
  });
});

describe('The longest wait', () => {
  it('is nearly five minutes, which field images need', async () => {
    const { env } = await render();
    expect(env.get('MAX_WAIT_SECONDS')?.value).toBe('290');
    expect(env.get('HOLD_SECONDS')?.value).toBe('290');
  });

  it('is that of field images, too, unless their hold is set', async () => {
    const { env } = await render({ settings: { MAX_WAIT_SECONDS: 60 } });
    expect(env.get('HOLD_SECONDS')?.value).toBe('60');
    const without = await render({ settings: { HOLD_SECONDS: 0 } });
    expect(without.env.get('HOLD_SECONDS')?.value).toBe('0');
  });
});

describe('The probes of the service', () => {
  it('check liveness, which depends on nothing else, and readiness', async () => {
    const { container } = await render();
    const { startupProbe, livenessProbe, readinessProbe } = container;
    expect(startupProbe?.httpGet).toEqual({ path: '/health/live', port: 'metrics' });
    expect(livenessProbe?.httpGet).toEqual({ path: '/health/live', port: 'metrics' });
    expect(readinessProbe?.httpGet).toEqual({ path: '/health/ready', port: 'metrics' });
  });
});

describe('How many copies run', () => {
  it('is replicaCount', async () => {
    const { spec } = (await render({ replicaCount: 3 })).one('Deployment');
    expect(spec).toMatchObject({ replicas: 3 });
  });

  it('or follows the CPU, and optionally the held requests', async () => {
    const byCpu = await render({ autoscaling: { enabled: true } });
    expect(byCpu.one('Deployment').spec).not.toHaveProperty('replicas');
    expect(byCpu.one('HorizontalPodAutoscaler').spec).toMatchObject({
      scaleTargetRef: { kind: 'Deployment', name: byCpu.one('Deployment').metadata.name },
      minReplicas: 2,
      metrics: [{ type: 'Resource', resource: { name: 'cpu' } }],
    });
    const byHeld = await render({ autoscaling: { enabled: true, targetHeldRequests: 5000 } });
    expect(byHeld.one('HorizontalPodAutoscaler').spec).toMatchObject({
      metrics: [
        { type: 'Resource' },
        {
          type: 'Pods',
          pods: {
            metric: { name: 'pairing_held_requests' },
            target: { type: 'AverageValue', averageValue: '5000' },
          },
        },
      ],
    });
  });

  it('falls by at most one when nodes are drained', async () => {
    const manifests = await render({ podDisruptionBudget: { enabled: true } });
    const { selector } = manifests.one('Deployment').spec as { selector: object };
    expect(manifests.one('PodDisruptionBudget').spec).toMatchObject({
      maxUnavailable: 1,
      selector,
    });
  });
});
