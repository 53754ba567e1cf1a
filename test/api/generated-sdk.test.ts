import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from '@hey-api/openapi-ts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { secrets } from '../support/secrets.js';
import { type Service, startService } from '../support/service.js';

const run = promisify(execFile);

/** What a person would write with the generated functions: a cluster of one worker forms. */
const PROGRAM = `
import { createClient } from './sdk/client';
import { addKey, getCluster, getIssuance, getKey, issuePin, listIssuances, listMembers, putMember, watchCluster } from './sdk';

const baseUrl = process.argv[2]!;
const person = createClient({ baseUrl, auth: () => process.argv[3]! });
// Keys and members are text unless JSON is asked for, as machines with a shell need it.
const machine = createClient({ baseUrl, headers: { accept: 'application/json' } });
const answer = { client: machine, throwOnError: true } as const;

const { data: issued } = await issuePin({ client: person, body: { workers: 1, ttl: '1h' }, throwOnError: true });
const path = { pin: issued.pin };
const { stream } = await watchCluster({ client: machine, path });
const first = await stream.next();

const worker = { ...path, name: 'worker-1' };
await putMember({ ...answer, path: worker, body: { address: '10.0.0.7', state: 'waiting' } });
await addKey({ ...answer, path, body: { key: 'master_ip', value: '10.0.0.1' } });
await addKey({ ...answer, path, body: { key: 'master_ready', value: 'true' } });
const { data: master } = await getKey({ ...answer, path: { ...path, key: 'master_ip' } });
await putMember({ ...answer, path: worker, body: { address: '10.0.0.7', state: 'ready' } });
const query = { state: 'ready', at_least: 1 } as const;
const { data: members } = await listMembers({ ...answer, path, query });
const { data: cluster } = await getCluster({ ...answer, path });

const { data: list } = await listIssuances({ client: person, throwOnError: true });
const id = list.issuances[0]!.id;
const { data: issuance } = await getIssuance({ client: person, path: { id }, throwOnError: true });
const { error } = await getKey({ client: machine, path: { ...path, key: 'missing' } });

console.log(
  JSON.stringify({
    pin: issued.pin,
    first: first.value,
    master: master.value,
    members: members.map(({ name }) => name),
    workers: cluster.workers,
    issuance: issuance.workers.ready,
    error: error?.code,
  }),
);
process.exit(); // the stream is open
`;

const STRICT = {
  strict: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  noEmit: true,
  target: 'es2022',
  module: 'esnext',
  moduleResolution: 'bundler',
  types: ['node'],
};

describe('A TypeScript SDK generated from openapi.yaml', () => {
  let folder: string;
  let service: Service;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pairing-sdk-'));
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'pair.ts'), PROGRAM);
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const tsconfig = { compilerOptions: STRICT, include: ['pair.ts', 'sdk'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
    await createClient({
      input: 'openapi.yaml',
      output: join(folder, 'sdk'),
      plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
      logs: { level: 'silent' },
    });
    service = await startService();
  });
  afterAll(async () => {
    await service.stop();
    rmSync(folder, { recursive: true });
  });

  it('is without errors of types, and so is a program that uses it', async () => {
    const tsc = resolve('node_modules/.bin/tsc');
    await expect(run(tsc, ['-p', folder])).resolves.toMatchObject({ stdout: '' });
  });

  it('pairs a cluster', async () => {
    const outfile = join(folder, 'pair.js');
    const entryPoints = [join(folder, 'pair.ts')];
    await build({ entryPoints, outfile, bundle: true, format: 'esm', platform: 'node' });
    const { stdout } = await run(process.execPath, [outfile, service.url, await service.token()]);
    const { pin, ...printed } = JSON.parse(stdout) as Record<string, unknown>;
    secrets.secret('a PIN', String(pin));
    expect(printed).toEqual({
      first: expect.objectContaining({ state: 'issued' }),
      master: '10.0.0.1',
      members: ['worker-1'],
      workers: { expected: 1, joined: 1, ready: 1, failed: 0 },
      issuance: 1,
      error: 'not-found',
    });
  });
});
