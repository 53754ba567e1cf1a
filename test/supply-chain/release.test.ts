import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { CHART, helm } from '../support/chart.js';

/** When each job of the pipeline runs. */
function jobs(...variables: string[]): Record<string, string> {
  const lines = execFileSync('script/lint-pipeline', variables, { encoding: 'utf8' }).split('\n');
  const rows = lines.map((line) => line.split(';')).filter(([, , when]) => when && when !== 'when');
  return Object.fromEntries(rows.map(([name, , when]) => [name!, when!]));
}

describe('The pipeline', () => {
  it('is valid, and publishes nothing of a commit', () => {
    expect(jobs()).toEqual({
      lint: 'on_success',
      'base-images': 'on_success',
      test: 'on_success',
      build: 'on_success',
      'publish-image': 'never',
      'publish-chart': 'never',
      sign: 'never',
    });
  });

  it('publishes and signs a release, after its tests', () => {
    const all = jobs('CI_COMMIT_TAG=v1.2.3');
    expect(new Set(Object.values(all))).toEqual(new Set(['on_success']));
    expect(jobs('CI_COMMIT_TAG=v1.2.3-try')).toMatchObject({ 'publish-image': 'never' });
    const pipeline = parse(readFileSync('.gitlab-ci.yml', 'utf8')) as Record<
      string,
      { needs?: string[] }
    >;
    expect(pipeline['publish-image']?.needs).toContain('test');
    expect(pipeline['publish-chart']?.needs).toContain('test');
  });

  it('uses no image without a version', () => {
    const images = readFileSync('.gitlab-ci.yml', 'utf8').match(/image: \S+/g) ?? [];
    expect(images.length).toBeGreaterThan(3);
    expect(images.filter((image) => !/:v?\d[\w.-]*$/.test(image))).toEqual([]);
  });
});

describe('The package of the chart', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pairing-package-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('has its licence, its test and its alerts, and no files of development', async () => {
    const { code, error } = await helm(['package', CHART, '--destination', folder]);
    expect([code, error]).toEqual([0, '']);
    const archive = join(folder, 'cluster-pairing-0.1.0.tgz');
    const names = execFileSync('tar', ['--list', '--file', archive], { encoding: 'utf8' })
      .split('\n')
      .map((name) => name.replace('cluster-pairing/', ''));
    for (const file of ['LICENSE', 'README.md', 'icon.svg', 'files/test.mjs']) {
      expect(names).toContain(file);
    }
    expect(names.filter((name) => /^ci\/|unused|\.test\./.test(name))).toEqual([]);
    expect(readFileSync(`${CHART}/LICENSE`, 'utf8')).toBe(readFileSync('LICENSE', 'utf8'));
  });

  it('has links that work outside the source tree, too', () => {
    const links = [...readFileSync(`${CHART}/README.md`, 'utf8').matchAll(/\]\(([^)]+)\)/g)];
    expect(links.length).toBeGreaterThan(2);
    const files = links.map(([, link = '']) =>
      URL.canParse(link) ? link.split('/-/blob/main/')[1]! : `${CHART}/${link}`,
    );
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });

  it('has the versions of the service', () => {
    const chart = parse(readFileSync(`${CHART}/Chart.yaml`, 'utf8')) as Record<string, string>;
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(chart['version']).toBe(version);
    expect(chart['appVersion']).toBe(version);
    expect(readFileSync('Dockerfile', 'utf8')).toContain(`ARG VERSION=${version}\n`);
  });
});
