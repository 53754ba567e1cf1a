import { describe, expect, it } from '@jest/globals';
import type { IDeploymentSpec } from 'kubernetes-models/apps/v1/DeploymentSpec';
import type { IStatefulSetSpec } from 'kubernetes-models/apps/v1/StatefulSetSpec';
import { render } from '../support/chart.js';

const EVERYTHING = {
  route: { enabled: true, host: 'a.example.org' },
  ingress: { enabled: true, host: 'a.example.org' },
  httpRoute: { enabled: true, host: 'a.example.org', parentRefs: [{ name: 'gateway' }] },
  autoscaling: { enabled: true },
  podDisruptionBudget: { enabled: true },
  networkPolicy: { enabled: true },
  backup: { enabled: true },
  metrics: {
    serviceMonitor: { enabled: true },
    prometheusRule: { enabled: true },
    dashboard: { enabled: true },
  },
};

const deploymentOf = async (values: object) =>
  (await render(values)).one('Deployment').spec as IDeploymentSpec;

describe('Overrides', () => {
  it('reach what has no value of its own: probes, priorities, revisions, spread', async () => {
    const { template, ...spec } = await deploymentOf({
      overrides: {
        deployment: {
          container: { readinessProbe: { periodSeconds: 2 } },
          spec: {
            minReadySeconds: 5,
            revisionHistoryLimit: 3,
            template: { spec: { priorityClassName: 'high', topologySpreadConstraints: [] } },
          },
        },
      },
    });
    expect(spec).toMatchObject({ minReadySeconds: 5, revisionHistoryLimit: 3, replicas: 2 });
    expect(template.spec).toMatchObject({
      priorityClassName: 'high',
      topologySpreadConstraints: [],
    });
    expect(template.spec?.containers[0]?.readinessProbe).toMatchObject({
      periodSeconds: 2,
      httpGet: { path: '/health/ready' },
    });
  });

  it('remove what is null, and set what is false or 0', async () => {
    const { template, strategy } = await deploymentOf({
      overrides: {
        deployment: {
          container: { lifecycle: null, startupProbe: { failureThreshold: 0 } },
          spec: { strategy: null, template: { spec: { enableServiceLinks: false } } },
        },
      },
    });
    const [container] = template.spec!.containers;
    expect(strategy).toBeUndefined();
    expect(container).not.toHaveProperty('lifecycle');
    expect(container?.startupProbe?.failureThreshold).toBe(0);
  });

  it('reach the stores: affinity, and what becomes of their volumes', async () => {
    const persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Delete' };
    const manifests = await render({
      overrides: {
        redis: {
          spec: {
            persistentVolumeClaimRetentionPolicy,
            template: { spec: { nodeSelector: { disk: 'ssd' } } },
          },
        },
      },
    });
    const spec = manifests.one('StatefulSet', 'redis').spec as IStatefulSetSpec;
    expect(spec).toMatchObject({ persistentVolumeClaimRetentionPolicy });
    expect(spec.template.spec?.nodeSelector).toEqual({ disk: 'ssd' });
  });

  it('reach a Route: labels for a router shard, and a certificate of its own', async () => {
    const tls = { termination: 'reencrypt', externalCertificate: { name: 'pairing-tls' } };
    const { metadata, spec } = (
      await render({
        route: { enabled: true, host: 'a.example.org' },
        overrides: { route: { metadata: { labels: { shard: 'internet' } }, spec: { tls } } },
      })
    ).one('Route');
    expect(metadata.labels).toMatchObject({
      shard: 'internet',
      'app.kubernetes.io/instance': 'demo',
    });
    expect(spec).toMatchObject({ tls: { ...tls, insecureEdgeTerminationPolicy: 'Redirect' } });
  });
});

describe('Every object', () => {
  it('has the common labels and annotations beside its own, which no pod has', async () => {
    const commonLabels = { team: 'cernvm', 'app.kubernetes.io/instance': 'other' };
    const commonAnnotations = { owner: 'cernvm' };
    const { all } = await render({ ...EVERYTHING, commonLabels, commonAnnotations });
    expect(all.length).toBeGreaterThan(18);
    for (const { metadata } of all) {
      expect(metadata.labels).toMatchObject({
        team: 'cernvm',
        'app.kubernetes.io/instance': 'demo',
      });
      expect(metadata.annotations).toMatchObject(commonAnnotations);
    }
    const { template } = await deploymentOf({ commonLabels });
    expect(template.metadata?.labels).not.toHaveProperty('team');
  });

  it('is named by nameOverride or by fullnameOverride', async () => {
    const named = await render({ nameOverride: 'pairing' });
    expect(named.one('Deployment').metadata).toMatchObject({
      name: 'demo-pairing',
      labels: { 'app.kubernetes.io/name': 'pairing' },
    });
    const full = await render({ fullnameOverride: 'meeting-point' });
    for (const { metadata } of full.all) expect(metadata.name).toMatch(/^meeting-point/);
  });
});

describe('The pods of the service', () => {
  it('take labels, annotations, sources of variables, and further containers', async () => {
    const container = (name: string) => ({ name, image: 'registry.example.org/tool:1' });
    const { template, selector } = await deploymentOf({
      podLabels: { team: 'cernvm' },
      podAnnotations: { 'example.org/inject': 'yes' },
      extraEnvFrom: [{ secretRef: { name: 'more' } }],
      initContainers: [container('prepare')],
      extraContainers: [container('beside')],
    });
    expect(template.metadata?.labels).toMatchObject({ team: 'cernvm' });
    expect(selector.matchLabels).not.toHaveProperty('team');
    expect(template.metadata?.annotations).toMatchObject({ 'example.org/inject': 'yes' });
    expect(template.spec?.initContainers).toEqual([container('prepare')]);
    expect(template.spec?.containers.map(({ name }) => name)).toEqual(['service', 'beside']);
    expect(template.spec?.containers[0]?.envFrom).toEqual([{ secretRef: { name: 'more' } }]);
  });

  it('are spread per revision, so that a rollout cannot put all into one zone', async () => {
    const { template } = await deploymentOf({});
    const constraints = template.spec?.topologySpreadConstraints ?? [];
    expect(constraints.map(({ topologyKey }) => topologyKey)).toEqual([
      'kubernetes.io/hostname',
      'topology.kubernetes.io/zone',
    ]);
    for (const { matchLabelKeys } of constraints) {
      expect(matchLabelKeys).toEqual(['pod-template-hash']);
    }
  });
});

describe('Images', () => {
  it('all come from one registry if that is set, each by its digest if it has one', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const { pods } = await render({
      imageRegistry: 'registry.example.org/mirror',
      redis: { image: { digest } },
      backup: { enabled: true, s3: { bucket: 'a', endpoint: 'https://s3', existingSecret: 'b' } },
    });
    const images = pods.flatMap(({ spec }) =>
      [...(spec.initContainers ?? []), ...spec.containers].map(({ image }) => image),
    );
    expect(new Set(images)).toEqual(
      new Set([
        'registry.example.org/mirror/cernvm/cluster-pairing:0.1.0',
        `registry.example.org/mirror/sclorg/valkey-7-c10s@${digest}`,
        'registry.example.org/mirror/sclorg/postgresql-16-c9s:c9s',
        'registry.example.org/mirror/rclone/rclone:1.71',
      ]),
    );
  });
});

describe('Further objects', () => {
  it('are rendered, as maps or as templates', async () => {
    const { of } = await render({
      extraObjects: [
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' } },
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: "{{ .Release.Name }}-two" }',
      ],
    }).then((manifests) => ({ of: manifests.of.bind(manifests) }));
    expect(of('ConfigMap').map(({ metadata }) => metadata.name)).toEqual(['one', 'demo-two']);
  });
});

describe('Further hosts', () => {
  it.each<[string, object]>([
    ['Ingress', { ingress: { enabled: true, host: 'a.example.org', tlsSecret: 'tls' } }],
    ['Route', { route: { enabled: true, host: 'a.example.org' } }],
    ['HTTPRoute', EVERYTHING],
  ])('are served by the %s, and users are sent to the first', async (kind, values) => {
    const manifests = await render({ ...values, extraHosts: ['b.example.org', 'c.example.org'] });
    const hosts = JSON.stringify(manifests.of(kind)).match(/\b[abc]\.example\.org\b/g);
    expect(new Set(hosts)).toEqual(new Set(['a.example.org', 'b.example.org', 'c.example.org']));
    expect(manifests.env.get('PUBLIC_URL')?.value).toBe('https://a.example.org');
    const names = manifests.of(kind).map(({ metadata }) => metadata.name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('Autoscaling', () => {
  it('by KEDA needs no adapter for held requests', async () => {
    const manifests = await render({
      autoscaling: {
        enabled: true,
        targetHeldRequests: 5000,
        keda: { enabled: true, prometheusUrl: 'http://prometheus:9090' },
      },
    });
    expect(manifests.of('HorizontalPodAutoscaler')).toEqual([]);
    expect(manifests.one('ScaledObject').spec).toMatchObject({
      scaleTargetRef: { name: 'demo-cluster-pairing' },
      minReplicaCount: 2,
      maxReplicaCount: 8,
      triggers: [
        { type: 'cpu', metricType: 'AverageValue', metadata: { value: '700m' } },
        {
          type: 'prometheus',
          metadata: {
            serverAddress: 'http://prometheus:9090',
            query: 'sum(pairing_held_requests{job="demo-cluster-pairing", namespace="pairing"})',
            threshold: '5000',
          },
        },
      ],
    });
  });

  it('removes one replica at a time, and only after ten quiet minutes', async () => {
    const { spec } = (await render({ autoscaling: { enabled: true } })).one(
      'HorizontalPodAutoscaler',
    );
    expect(spec).toMatchObject({
      behavior: {
        scaleDown: {
          stabilizationWindowSeconds: 600,
          policies: [{ type: 'Pods', value: 1, periodSeconds: 120 }],
        },
      },
    });
  });

  it('may go down to one replica, which a disruption budget lets move', async () => {
    const manifests = await render({
      autoscaling: { enabled: true, minReplicas: 1 },
      podDisruptionBudget: { enabled: true },
    });
    expect(manifests.one('PodDisruptionBudget').spec).toMatchObject({ maxUnavailable: 1 });
    expect(manifests.one('HorizontalPodAutoscaler').spec).toMatchObject({ minReplicas: 1 });
  });
});

describe('Egress of the service', () => {
  it('can be restricted to names, CERN SSO, its stores and what you add', async () => {
    const rules = [{ to: [{ ipBlock: { cidr: '10.1.0.0/16' } }], ports: [{ port: 6600 }] }];
    const manifests = await render({
      networkPolicy: { enabled: true, egress: { enabled: true, rules } },
    });
    const { policyTypes, egress } = manifests.one('NetworkPolicy', 'demo-cluster-pairing').spec as {
      policyTypes: string[];
      egress: { ports: { port: number | string }[] }[];
    };
    expect(policyTypes).toEqual(['Ingress', 'Egress']);
    expect(egress.map(({ ports }) => ports.map(({ port }) => port))).toEqual([
      [53, 53, 5353, 5353],
      [443],
      ['redis'],
      ['postgresql'],
      [6600],
    ]);
  });
});
