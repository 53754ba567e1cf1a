import { describe, expect, it } from '@jest/globals';
import { render } from '../support/chart.js';

const metrics = (wanted: object) => render({ metrics: wanted });
const NAME = 'demo-cluster-pairing';

describe('Monitoring', () => {
  it('is off by default', async () => {
    const manifests = await render();
    for (const kind of ['ServiceMonitor', 'PrometheusRule', 'ConfigMap']) {
      expect(manifests.of(kind)).toEqual([]);
    }
  });

  it('scrapes the port of the metrics, of the service only', async () => {
    const manifests = await metrics({
      serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
    });
    const monitor = manifests.one('ServiceMonitor');
    expect(monitor.metadata.labels).toMatchObject({ release: 'prometheus' });
    expect(monitor.spec).toEqual({
      selector: {
        matchLabels: {
          'app.kubernetes.io/name': 'cluster-pairing',
          'app.kubernetes.io/instance': 'demo',
          'app.kubernetes.io/component': 'service',
        },
      },
      endpoints: [{ port: 'metrics', interval: '30s' }],
    });
    expect(manifests.one('Service', NAME)).toMatchObject({
      metadata: { labels: { 'app.kubernetes.io/component': 'service' } },
      spec: { ports: [{ name: 'http' }, { name: 'metrics', port: 9464 }] },
    });
  });

  it('has alerts with a link to the runbook', async () => {
    const { spec } = (await metrics({ prometheusRule: { enabled: true } })).one('PrometheusRule');
    const { groups } = spec as { groups: { rules: Record<string, unknown>[] }[] };
    const alerts = groups.flatMap(({ rules }) => rules).filter((rule) => 'alert' in rule);
    expect(alerts.length).toBeGreaterThan(0);
    for (const alert of alerts) {
      expect(alert).toMatchObject({
        annotations: { runbook_url: expect.stringContaining('docs/operations.md#') },
      });
    }
  });

  it('has a dashboard with the label for Grafana', async () => {
    const { metadata, data = {} } = (await metrics({ dashboard: { enabled: true } })).one(
      'ConfigMap',
    );
    expect(metadata.labels).toMatchObject({ grafana_dashboard: '1' });
    const [file = '', ...others] = Object.keys(data);
    expect([file, others]).toEqual(['cluster-pairing.json', []]);
    expect(JSON.parse(data[file]!)).toHaveProperty('panels');
  });
});
