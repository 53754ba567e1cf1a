import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { promtool } from '../support/promtool.js';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly { readonly expr: string }[];
}

const file = 'helm/cluster-pairing/dashboards/cluster-pairing.json';
const { panels, templating } = JSON.parse(readFileSync(file, 'utf8')) as {
  panels: readonly Panel[];
  templating: { list: { name: string }[] };
};
const graphs = panels.filter(({ type }) => type !== 'row');

describe('The dashboard', () => {
  it('answers four questions of the operator on call', () => {
    const rows = panels.filter(({ type }) => type === 'row').map(({ title }) => title);
    expect(rows).toEqual([
      'Can machines pair?',
      'Is it getting slow?',
      'Is Redis about to fail?',
      'Are PINs being guessed?',
      'The replicas',
    ]);
  });

  it.each(graphs.map((panel) => [panel.title, panel] as const))(
    'says what "%s" is, and in which unit',
    (_, { description, fieldConfig, targets }) => {
      expect(description).toMatch(/\.$/);
      expect(fieldConfig?.defaults.unit).toBeTruthy();
      expect(targets?.length).toBeGreaterThan(0);
    },
  );

  it('asks about one installation, which is chosen', () => {
    for (const { expr } of graphs.flatMap(({ targets = [] }) => targets)) {
      const metrics = expr.match(/\b(pairing|process|nodejs)_\w+/g) ?? [];
      const selected = expr.match(/\{namespace="\$namespace", job="\$job"/g) ?? [];
      expect(selected).toHaveLength(metrics.length);
    }
    expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'namespace', 'job']);
  });

  it('shows no errors as 0', () => {
    const { targets = [] } = graphs.find(({ title }) => title === 'Errors to machines')!;
    expect(targets[0]?.expr).toMatch(/ or vector\(0\)$/);
  });

  it('has no overlapping panels', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });

  it('has only queries that Prometheus accepts', () => {
    const rules = graphs
      .flatMap(({ targets = [] }) => targets)
      .map(({ expr }, n) => ({
        record: `panel:${n}`,
        expr: expr.replaceAll('$__rate_interval', '5m'),
      }));
    const dir = mkdtempSync(join(tmpdir(), 'pairing-'));
    const rulesFile = join(dir, 'rules.json');
    writeFileSync(rulesFile, JSON.stringify({ groups: [{ name: 'panels', rules }] })); // JSON is YAML
    expect(promtool('check', 'rules', rulesFile)).toContain(`SUCCESS: ${rules.length} rules found`);
    rmSync(dir, { recursive: true });
  });
});
