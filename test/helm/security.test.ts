import { describe, expect, it } from '@jest/globals';
import { exampleValues, render } from '../support/chart.js';

/** What the restricted-v2 SCC of OpenShift and the restricted Pod Security Standard both allow. */
const VOLUMES = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'projected', 'secret'];

describe.each(exampleValues())('With %s', (_name, values) => {
  it('no pod needs more than the restricted profile', async () => {
    const { pods } = await render(values);
    expect(pods.length).toBeGreaterThan(1);
    for (const { spec } of pods) {
      expect(spec).not.toHaveProperty('hostNetwork');
      expect(spec).not.toHaveProperty('hostPID');
      expect(spec).not.toHaveProperty('hostIPC');
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(spec.initContainers).toBeUndefined();
      for (const { securityContext, ports = [] } of spec.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        for (const port of ports) {
          expect(port).not.toHaveProperty('hostPort');
          expect(port.containerPort).toBeGreaterThanOrEqual(1024);
        }
      }
      for (const { name: _, ...volume } of spec.volumes ?? []) {
        expect(VOLUMES).toContain(Object.keys(volume)[0]);
      }
    }
  });

  it('no pod has a service account token, and no rights are granted', async () => {
    const { pods, all } = await render(values);
    for (const { spec } of pods) {
      expect(spec.automountServiceAccountToken).toBe(false);
    }
    const kinds = all.map(({ kind }) => kind).join(' ');
    expect(kinds).not.toMatch(/Role|Binding|Cluster|SecurityContextConstraints|Webhook/);
  });

  it('OpenShift chooses the user and the groups of every pod', async () => {
    const { pods } = await render(values);
    for (const { spec } of pods) {
      for (const { securityContext } of [spec, ...spec.containers]) {
        expect(securityContext).not.toHaveProperty('runAsUser');
        expect(securityContext).not.toHaveProperty('runAsGroup');
        expect(securityContext).not.toHaveProperty('fsGroup');
        expect(securityContext).not.toHaveProperty('supplementalGroups');
      }
    }
  });
});

describe('On a plain Kubernetes', () => {
  it('the volumes of the stores are writable, and no user is set either', async () => {
    const { pods } = await render({}, { apis: [] });
    const groups = pods.map(({ owner, spec }) => [owner, spec.securityContext?.fsGroup]);
    expect(Object.fromEntries(groups)).toEqual({
      'Deployment demo-cluster-pairing': undefined,
      'StatefulSet demo-cluster-pairing-redis': 1001,
      'StatefulSet demo-cluster-pairing-postgresql': 26,
      'Pod demo-cluster-pairing-test': undefined,
    });
    for (const { spec } of pods) {
      for (const { securityContext } of [spec, ...spec.containers]) {
        expect(securityContext).not.toHaveProperty('runAsUser');
      }
    }
  });
});
