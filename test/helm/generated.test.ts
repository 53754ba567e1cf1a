import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { chartFiles } from '../../dev/chart.js';
import { CHART, refusal } from '../support/chart.js';

describe('The schema and the README of the chart', () => {
  it('are what script/chart makes of the comments in values.yaml', () => {
    const { schema, readme } = chartFiles();
    expect(readFileSync(`${CHART}/values.schema.json`, 'utf8')).toBe(schema);
    expect(readFileSync(`${CHART}/README.md`, 'utf8')).toBe(readme);
  });

  it('say of every value what it means', () => {
    const { readme } = chartFiles();
    expect(readme.split('\n').filter((line) => /^\| `.*\| *\|$/.test(line))).toEqual([]);
  });

  it.each([
    [{ replica: 1 }, 'replica'],
    [{ redis: { persistance: {} } }, 'persistance'],
    [{ settings: { PIN_TLL: '12h' } }, 'PIN_TLL'],
  ])('refuse the misspelt %j', async (values, name) => {
    expect(await refusal(values)).toContain(`'${name}'`);
  });

  it.each([
    ['/replicaCount', { replicaCount: 'two' }],
    ['/replicaCount', { replicaCount: -1 }],
    ['/image/pullPolicy', { image: { pullPolicy: 'Sometimes' } }],
    ['/image/digest', { image: { digest: 'sha256:short' } }],
    ['/oidc/issuer', { oidc: { issuer: 'http://auth.example.org' } }],
    ['/publicUrl', { publicUrl: 'https://pairing.example.org/' }],
    ['/publicUrl', { publicUrl: 'https://example.org/pairing' }],
    ['/publicUrl', { publicUrl: 'http://pairing.example.org' }],
    ['/settings/LOG_LEVEL', { settings: { LOG_LEVEL: 'loud' } }],
    ['/settings/HOLD_SECONDS', { settings: { HOLD_SECONDS: 'long' } }],
    ['/externalRedis/url', { externalRedis: { url: 'http://redis.example.org' } }],
    ['/externalPostgresql/url', { externalPostgresql: { url: 'mysql://database.example.org' } }],
    ['/route/insecure', { route: { insecure: 'Maybe' } }],
  ])('refuse a wrong %s: %j', async (path, values) => {
    expect(await refusal(values)).toContain(`at '${path}'`);
  });
});
