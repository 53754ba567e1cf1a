import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { render } from '../support/chart.js';
import { promtool } from '../support/promtool.js';

const metrics = (wanted: object) => render({ metrics: wanted });
const NAME = 'demo-cluster-pairing';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: { readonly runbook_url: string };
}

async function alertsOf(values: object): Promise<Alert[]> {
  const { spec } = (await metrics({ prometheusRule: { enabled: true, ...values } })).one(
    'PrometheusRule',
  );
  return (spec as { groups: { rules: Alert[] }[] }).groups.flatMap(({ rules }) => rules);
}

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

  it('scrapes as you say, and can be relabelled', async () => {
    const relabelings = [{ targetLabel: 'cluster', replacement: 'meyrin' }];
    const endpoint = { scrapeTimeout: '5s', relabelings };
    const manifests = await metrics({ serviceMonitor: { enabled: true, endpoint } });
    expect(manifests.one('ServiceMonitor').spec).toMatchObject({
      endpoints: [{ port: 'metrics', interval: '30s', scrapeTimeout: '5s', relabelings }],
    });
  });

  it('has alerts with a link to the runbook, which is a URL', async () => {
    const runbookUrl = 'https://runbooks.example.org/pairing';
    const alerts = await alertsOf({ runbookUrl });
    expect(alerts.length).toBeGreaterThan(0);
    for (const { alert, annotations } of alerts) {
      expect(annotations.runbook_url).toBe(`${runbookUrl}#${alert.toLowerCase()}`);
      expect(URL.canParse(annotations.runbook_url)).toBe(true);
    }
  });

  it('has alerts on this release only, which say which it is', async () => {
    for (const { expr, labels } of await alertsOf({})) {
      const metricsIn = expr.match(/\b(pairing|process|nodejs)_\w+/g) ?? [];
      const selected = expr.match(/\{job="demo-cluster-pairing", namespace="pairing"/g) ?? [];
      expect(selected).toHaveLength(metricsIn.length);
      expect(labels).toMatchObject({ job: NAME, namespace: 'pairing' });
    }
  });

  it('calls when it is down beside another release that is busy', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'pairing-alerts-'));
    const rules = await metrics({ prometheusRule: { enabled: true } });
    const plays = {
      rule_files: ['rules.json'],
      tests: [
        {
          interval: '1m',
          input_series: [
            {
              series: `pairing_build_info{job="${NAME}", namespace="trial", instance="a"}`,
              values: '1x20',
            },
          ],
          promql_expr_test: [
            {
              expr: 'ALERTS{alertstate="firing"}',
              eval_time: '10m',
              exp_samples: [
                {
                  labels: `ALERTS{alertname="ClusterPairingDown", alertstate="firing", severity="critical", job="${NAME}", namespace="pairing"}`,
                  value: 1,
                },
              ],
            },
          ],
        },
      ],
    };
    await writeFile(join(dir, 'rules.json'), JSON.stringify(rules.one('PrometheusRule').spec));
    await writeFile(join(dir, 'plays.json'), JSON.stringify(plays));
    expect(promtool('test', 'rules', join(dir, 'plays.json'))).toContain('SUCCESS');
    await rm(dir, { recursive: true });
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
