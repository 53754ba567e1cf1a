import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { promtool } from '../support/promtool.js';

const RULES = 'helm/cluster-pairing/alerts/cluster-pairing.yaml';
const PLAYS = 'test/observability/alerts.yaml';

const rules = readFileSync(RULES, 'utf8');
const all = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, found]) => found!);
const alerts = all(rules, /- alert: (\w+)/g);

describe('The alerts', () => {
  it('can be read by Prometheus', () => {
    expect(promtool('check', 'rules', RULES)).toContain(`SUCCESS: ${alerts.length} rules found`);
  });

  it('fire when they should, and only then', () => {
    expect(promtool('test', 'rules', PLAYS)).toContain('SUCCESS');
  });

  it('on an outage fire well before it loses a cluster', () => {
    expect(promtool('test', 'rules', 'test/observability/outage-alerts.yaml')).toContain('SUCCESS');
  });

  it('are all tested', () => {
    const tried = new Set(all(readFileSync(PLAYS, 'utf8'), /- alertname: (\w+)/g));
    expect([...tried].toSorted()).toEqual(alerts.toSorted());
  });

  it('have a paragraph each in the runbook, which has no other', () => {
    const runbook = readFileSync('docs/operations.md', 'utf8').split('\n## Runbook\n')[1]!;
    expect(all(runbook, /^#### (\w+)$/gm).toSorted()).toEqual(alerts.toSorted());
    const links = alerts.map((alert) => `docs/operations.md#${alert.toLowerCase()}`);
    expect(all(rules, /runbook_url: (\S+)/g)).toEqual(links);
  });
});
