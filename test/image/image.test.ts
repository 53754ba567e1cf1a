import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { CleanUp } from '../support/clean-up.js';
import { Image, RANDOM_USER } from '../support/image.js';
import { freePort } from '../support/ports.js';
import { type Program, until } from '../support/process.js';
import { PostgresServer } from '../support/postgres.js';
import { RedisServer } from '../support/redis.js';

interface Named {
  readonly name: string;
  readonly version: string;
}

let image: Image;
beforeAll(async () => {
  image = await Image.build();
}, 600_000);
afterAll(() => image.close());

describe('The image', () => {
  it('contains what the service needs, and no development tools', async () => {
    expect((await readdir(join(image.root, 'app'))).toSorted()).toEqual([
      'LICENSE',
      'dist',
      'node_modules',
      'package.json',
      'sbom.cdx.json',
    ]);
    for (const tool of ['jest', 'typescript', 'prettier', 'node', 'oidc-provider']) {
      expect(existsSync(join(image.root, 'app/node_modules', tool))).toBe(false);
    }
  });

  it('lists its packages, all of them', async () => {
    const sbom = JSON.parse(await readFile(join(image.root, 'app/sbom.cdx.json'), 'utf8')) as {
      bomFormat: string;
      components: { name: string }[];
    };
    expect(sbom.bomFormat).toBe('CycloneDX');
    const listed = new Set(sbom.components.map(({ name }) => name));
    const installed = (await readdir(join(image.root, 'app/node_modules'))).filter(
      (name) => !/^[.@]/.test(name),
    );
    expect(installed.length).toBeGreaterThan(50);
    expect(installed.filter((name) => !listed.has(name))).toEqual([]);
    expect(listed).toContain('@nestjs/core');
    expect(listed).not.toContain('typescript');
  });

  it('lists Node and the packages of the operating system as well, under its own name', async () => {
    const sbom = JSON.parse(await readFile(join(image.root, 'app/sbom.cdx.json'), 'utf8')) as {
      metadata: { component: { name: string; version: string; 'bom-ref': string } };
      components: { name: string; version: string; type: string; purl?: string }[];
      dependencies: { ref: string; dependsOn: string[] }[];
    };
    const { name, version } = JSON.parse(await readFile('package.json', 'utf8')) as Named;
    const root = sbom.metadata.component;
    expect(root).toMatchObject({ name, version });
    const part = (wanted: string) => sbom.components.find((each) => each.name === wanted);
    expect(part('node')).toMatchObject({ version: process.versions.node });
    expect(part('debian')).toMatchObject({ type: 'operating-system' });
    expect(part('libc6')?.purl).toMatch(/^pkg:deb\/debian\/libc6@2\./);
    // Nothing is listed that nothing depends on.
    const needed = sbom.dependencies.find(({ ref }) => ref === root['bom-ref'])?.dependsOn;
    expect(needed).toContain(`node@${process.versions.node}`);
  });

  it('has nothing that no process reads, and a production tree of at most 120 MiB', async () => {
    const tree = join(image.root, 'app/node_modules');
    const files = await readdir(tree, { recursive: true });
    expect(files.filter((file) => /\.(map|d\.[cm]?ts)$|libsql\/[^/]*musl/.test(file))).toEqual([]);
    const { stdout } = await promisify(execFile)('du', ['--summarize', '--block-size=1M', tree]);
    expect(Number.parseInt(stdout)).toBeLessThanOrEqual(120);
  });

  it('has a folder for data that any user of group 0 can write to', async () => {
    const { mode } = await stat(join(image.root, 'data'));
    expect(mode & 0o777).toBe(0o770);
  });

  it('has a numeric user and labels, and no health check', () => {
    expect(image.instruction('USER')).toMatch(/^[1-9]\d*$/);
    expect(image.instruction('HEALTHCHECK')).toBeUndefined();
    for (const label of ['title', 'description', 'licenses', 'source', 'version', 'revision']) {
      expect(image.instruction('LABEL')).toContain(`org.opencontainers.image.${label}=`);
    }
  });
});

/** The process that the sandbox leads to: it passes no signal on. */
async function childOf(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return Number(children);
}

describe('Run by a random user, with a read-only root and no shell', () => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  const start = async (
    env: Record<string, string>,
    volume?: string,
  ): Promise<[Program, string]> => {
    const port = String(await freePort());
    const program = cleanUp.add(
      image.run(
        {
          NODE_ENV: 'production',
          DATA_DIR: '/data',
          PORT: port,
          METRICS_PORT: '0',
          PUBLIC_URL: 'https://pairing.example.org',
          PIN_SECRET: 'pin-secret-of-a-test-0123456789abcdef',
          SESSION_SECRET: 'session-secret-of-a-test-0123456789',
          OIDC_CLIENT_ID: 'cluster-pairing',
          OIDC_CLIENT_SECRET: 'secret',
          ...env,
        },
        volume,
      ),
    );
    const url = `http://127.0.0.1:${port}`;
    await until('the service to be ready', async () => {
      if (!program.running) throw new Error(program.output);
      return (await fetch(`${url}/health/ready`).catch(() => undefined))?.ok ?? false;
    });
    return [program, url];
  };

  it('the service runs with Redis and PostgreSQL, and stops on SIGTERM', async () => {
    const redis = cleanUp.add(await RedisServer.start());
    const postgres = cleanUp.add(await PostgresServer.start());
    const [program, url] = await start({ REDIS_URL: redis.url, DATABASE_URL: postgres.url });
    const answer = await fetch(`${url}/api/v1/clusters/abcdefghijkl/keys/master_ready`);
    expect(answer.status).toBe(404);
    expect((await fetch(`${url}/api/docs`)).status).toBe(200);
    process.kill(await childOf(program.pid), 'SIGTERM');
    expect(await program.ended).toBe(0);
  });

  it('the service runs with a writable volume', async () => {
    const volume = await mkdtemp(join(tmpdir(), 'pairing-volume-'));
    cleanUp.add({ close: () => rm(volume, { recursive: true }) });
    await chown(volume, RANDOM_USER, 0);
    await start({}, volume);
    expect(await readdir(volume)).not.toEqual([]);
  });

  it('the service reports a folder that it cannot write to', async () => {
    await expect(start({})).rejects.toThrow(/DATA_DIR|database|unable to open/);
  });
});
