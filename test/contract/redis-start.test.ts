import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { IdentityProvider } from '../../dev/identity-provider.js';
import { CleanUp } from '../support/clean-up.js';
import { createCertificate } from '../support/certificate.js';
import { hostService, startError } from '../support/hosted-service.js';
import { freePort } from '../support/ports.js';
import { RedisServer } from '../support/redis.js';
import { RedisShards } from '../support/redis-shards.js';
import { SentinelGroup } from '../support/sentinel.js';
import { until } from '../support/process.js';
import { runService, startProvider } from '../support/service.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const SECRET = 'do-not-tell';

describe('Starting with a Redis', () => {
  let dataDir: string;
  let provider: IdentityProvider;
  const cleanUp = new CleanUp();

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'pairing-'));
    provider = cleanUp.add(await startProvider());
  });
  afterAll(async () => {
    await cleanUp.run();
    await rm(dataDir, { recursive: true });
  });

  async function redis(config: Parameters<typeof RedisServer.start>[0] = {}) {
    return cleanUp.add(await RedisServer.start(config));
  }

  async function proxy(port: number, from: string | RegExp, to: string): Promise<string> {
    const rewrite = (chunk: Buffer) => Buffer.from(String(chunk).replace(from, to));
    const way = cleanUp.add(await TcpProxy.to(port, rewrite));
    return `redis://127.0.0.1:${way.port}`;
  }

  /** What the operator reads: one sentence. */
  async function sentence(REDIS_URL: string): Promise<string> {
    const message = await startError({ DATA_DIR: dataDir, REDIS_URL }, provider);
    expect(message).toMatch(/^[^\n]+\.$/);
    expect(message).not.toContain(SECRET);
    return message;
  }

  it('reports an invalid URL', async () => {
    expect(await sentence(`redis://:${SECRET}@host:port`)).toMatch(
      /^REDIS_URL must be redis\[s\]:\/\/.*\.$/,
    );
  });

  it('reports a wrong or missing password', async () => {
    const { port } = await redis({ requirepass: 'right' });
    const at = `Redis at 127.0.0.1:${port}`;
    expect(await sentence(`redis://:${SECRET}@127.0.0.1:${port}`)).toBe(
      `${at} refuses the user or the password of REDIS_URL.`,
    );
    expect(await sentence(`redis://127.0.0.1:${port}`)).toBe(
      `${at} wants a password: put it into REDIS_URL.`,
    );
  });

  it('reports it as the only line of its output, and the exit code says that there is no service', async () => {
    const { port } = await redis({ requirepass: 'right' });
    const REDIS_URL = `redis://:${SECRET}@127.0.0.1:${port}`;
    const program = runService({ DATA_DIR: dataDir, PORT: '0', REDIS_URL });
    expect(await program.ended).toBe(1);
    expect(program.output).toBe(
      `Redis at 127.0.0.1:${port} refuses the user or the password of REDIS_URL.\n`,
    );
  });

  it('reports what the ACL forbids', async () => {
    const { port } = await redis({ user: `pairing on >${SECRET} ~* -@all +hello +ping` });
    expect(await sentence(`redis://pairing:${SECRET}@127.0.0.1:${port}`)).toMatch(
      /^Redis at [\d.:]+ forbids its user what we need \(NOPERM .*'info' command.*\)\.$/,
    );
  });

  it('reports an untrusted TLS certificate', async () => {
    const certificate = cleanUp.add(await createCertificate());
    const { port } = await redis({
      port: '0',
      'tls-cert-file': certificate.certFile,
      'tls-key-file': certificate.keyFile,
      'tls-auth-clients': 'no',
    });
    expect(await sentence(`rediss://:${SECRET}@127.0.0.1:${port}`)).toBe(
      `Redis at 127.0.0.1:${port} has a TLS certificate that is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT).`,
    );
  });

  it('reports a version that is too old', async () => {
    const { port } = await redis();
    const url = await proxy(port, /redis_version:7\.0\.\d\d/, 'redis_version:6.2.14');
    expect(await sentence(url)).toMatch(/ is too old \(version 6\.2\.14\): use 7\.0 or newer\.$/);
  });

  it('reports a version that is too old to report its version', async () => {
    const { port } = await redis();
    const url = await proxy(port, /^%[^]*/, "-ERR unknown command 'HELLO'\r\n");
    expect(await sentence(url)).toMatch(
      / is too old \(it does not speak RESP3\): use 7\.0 or newer\.$/,
    );
  });

  it('reports a read-only Redis, and what the sentinels answer', async () => {
    const group = cleanUp.add(await SentinelGroup.start());
    expect(await sentence(group.replica.url)).toBe(
      `Redis at 127.0.0.1:${group.replica.port} is a read-only replica: name its primary in REDIS_URL, or its sentinels.`,
    );
    expect(await sentence(`${group.url(`:${SECRET}@`)}s`)).toMatch(
      /^Sentinel at [\d.:]+ knows no master called pairings\.$/,
    );
  });

  it('reports a URL of another form than its server', async () => {
    const { port } = await redis();
    expect(await sentence(`redis+cluster://127.0.0.1:${port}`)).toBe(
      `Redis at 127.0.0.1:${port} is no node of a Redis Cluster: begin REDIS_URL with redis or redis+sentinel.`,
    );
    const node = await redis({ 'cluster-enabled': 'yes', 'cluster-port': `${await freePort()}` });
    expect(await sentence(node.url)).toBe(
      `Redis at 127.0.0.1:${node.port} is a node of a Redis Cluster: begin REDIS_URL with redis+cluster.`,
    );
  });

  it('reports a Redis Cluster with slots that no node serves', async () => {
    const node = await redis({ 'cluster-enabled': 'yes', 'cluster-port': `${await freePort()}` });
    await node.command('CLUSTER', 'ADDSLOTSRANGE', '0', '16000');
    expect(await sentence(`redis+cluster://127.0.0.1:${node.port}`)).toBe(
      'The Redis Cluster of REDIS_URL has no node for 383 of its 16384 slots: assign them, as redis-cli --cluster fix does.',
    );
  });

  it('warns of an eviction policy that drops clusters, and still serves', async () => {
    const { url } = await redis({ 'maxmemory-policy': 'allkeys-lru' });
    const service = cleanUp.add(await hostService({ REDIS_URL: url }, provider));
    const warning =
      'The eviction policy of Redis is allkeys-lru: it may remove live clusters. Set maxmemory-policy to noeviction.';
    expect(service.output).toContain(warning);
    const ready = await fetch(`${service.url}/health/ready`);
    expect(ready.status).toBe(200);
    const readiness = await ready.json();
    expect(readiness).toMatchObject({ status: 'up', storage: 'up', warnings: [warning] });
  });
});

describe('Starting without its Redis', () => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  /** Starts the service and waits until it listens, whether its Redis is there or not. */
  async function start(REDIS_URL: string) {
    const dataDir = await mkdtemp(join(tmpdir(), 'pairing-'));
    cleanUp.add({ close: () => rm(dataDir, { recursive: true }) });
    const port = String(await freePort());
    const program = cleanUp.add(
      runService({ DATA_DIR: dataDir, PORT: port, REDIS_URL, MAX_HELD_REQUESTS: '1000' }),
    );
    const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    await until('the service to listen', async () => {
      if (!program.running) throw new Error(program.output);
      return (await ask('/health/live').catch(() => undefined))?.ok ?? false;
    });
    return { program, ask };
  }

  const KEY = '/api/v1/clusters/abcdefghijkl/keys/master_ip';

  it.each<[string, () => Promise<{ url: string; begin: () => Promise<void> | void }>]>([
    [
      'that refuses connections',
      async () => {
        const redis = cleanUp.add(await RedisServer.start());
        await redis.kill();
        return { url: redis.url, begin: () => redis.restart() };
      },
    ],
    [
      'that does not answer',
      async () => {
        const redis = cleanUp.add(await RedisServer.start());
        const proxy = cleanUp.add(await TcpProxy.to(redis.port));
        proxy.freeze();
        return { url: `redis://127.0.0.1:${proxy.port}`, begin: () => proxy.thaw() };
      },
    ],
    [
      'behind a sentinel that does not answer',
      async () => {
        const group = cleanUp.add(await SentinelGroup.start());
        const [, sentinel] = /:(\d+)\//.exec(group.url())!;
        const proxy = cleanUp.add(await TcpProxy.to(Number(sentinel)));
        proxy.freeze();
        const url = `redis+sentinel://127.0.0.1:${proxy.port}/pairing`;
        return { url, begin: () => proxy.thaw() };
      },
    ],
    [
      'of several shards, which do not answer',
      async () => {
        const shards = cleanUp.add(await RedisShards.start({}, { replicas: 0 }));
        for (const node of shards.nodes) node.signal('SIGSTOP');
        const begin = () => {
          for (const node of shards.nodes) node.signal('SIGCONT');
        };
        return { url: shards.url(), begin };
      },
    ],
  ])('%s, it answers 503 until it can connect', async (_fault, prepare) => {
    const { url, begin } = await prepare();
    const { program, ask } = await start(url);

    const refused = await ask(KEY);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.text()).toBe('');
    const unready = await ask('/health/ready');
    expect(unready.status).toBe(503);
    expect(await unready.json()).toMatchObject({ status: 'down', storage: 'down' });

    await begin();
    await until('the service to be ready', async () => (await ask('/health/ready')).ok);
    expect((await ask(KEY)).status).toBe(404);
    expect(program.running).toBe(true);
    const warnings = [...program.output.matchAll(/^\[.*?\] WARN: (.*)$/gm)].map(([, text]) => text);
    const [away, ...back] = warnings.filter((text) => !text?.startsWith('CERN SSO'));
    expect(away).toMatch(/cannot be used: .*\. The service answers 503 until it can\.$/);
    expect(back.length).toBeGreaterThan(0);
    for (const text of back) expect(text).toMatch(/^Redis (is back|at [\d.:]+ is used now)\.$/);
  });

  it.each<[string, RegExp, () => Promise<string>]>([
    [
      'whose name is not known',
      /Redis at redis\.invalid:6379 cannot be used: getaddrinfo (ENOTFOUND|EAI_AGAIN) /,
      () => Promise.resolve('redis://redis.invalid'),
    ],
    [
      // It reads the handshake as a command, and waits for its end or closes the connection.
      'that does not speak TLS',
      /Redis at 127\.0\.0\.1:\d+ cannot be used: /,
      async () => `redis${cleanUp.add(await RedisServer.start()).url.replace('redis:', 's:')}`,
    ],
  ])('%s, it logs that and keeps trying', async (_fault, sentence, url) => {
    const { program, ask } = await start(await url());
    expect(program.output).toMatch(sentence);
    expect((await ask(KEY)).status).toBe(503);
  });

  it('and stopped while it waits, it ends at once', async () => {
    const { program } = await start(`redis://127.0.0.1:${await freePort()}`);
    program.signal('SIGTERM');
    expect(await program.ended).toBe(0);
  });
});
