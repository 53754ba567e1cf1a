import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CleanUp } from '../support/clean-up.js';
import { createCertificate } from '../support/certificate.js';
import { freePort } from '../support/ports.js';
import { RedisServer } from '../support/redis.js';
import { SentinelGroup } from '../support/sentinel.js';
import { runService, startService } from '../support/service.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const SECRET = 'do-not-tell';

describe('Starting with a Redis', () => {
  let dataDir: string;
  const cleanUp = new CleanUp();

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'pairing-'));
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

  /** What the operator reads: one sentence, and the exit code says that there is no service. */
  async function sentence(REDIS_URL: string): Promise<string> {
    const program = runService({ DATA_DIR: dataDir, PORT: '0', REDIS_URL });
    expect(await program.ended).toBe(1);
    expect(program.output).toMatch(/^[^\n]+\.\n$/);
    expect(program.output).not.toContain(SECRET);
    return program.output.trim();
  }

  it('says what a URL must be', async () => {
    expect(await sentence(`redis://:${SECRET}@one,two`)).toMatch(
      /^REDIS_URL must be redis\[s\]:\/\/.*\.$/,
    );
  });

  it('says that nobody is there', async () => {
    const port = await freePort();
    expect(await sentence(`redis://:${SECRET}@127.0.0.1:${port}`)).toBe(
      `Redis at 127.0.0.1:${port} cannot be used: connect ECONNREFUSED 127.0.0.1:${port}.`,
    );
  });

  it('says that the host is unknown', async () => {
    expect(await sentence(`redis://:${SECRET}@redis.invalid`)).toMatch(
      /^Redis at redis\.invalid:6379 cannot be used: getaddrinfo (ENOTFOUND|EAI_AGAIN) /,
    );
  });

  it('says that the password is wrong, or missing', async () => {
    const { port } = await redis({ requirepass: 'right' });
    const at = `Redis at 127.0.0.1:${port}`;
    expect(await sentence(`redis://:${SECRET}@127.0.0.1:${port}`)).toBe(
      `${at} refuses the user or the password of REDIS_URL.`,
    );
    expect(await sentence(`redis://127.0.0.1:${port}`)).toBe(
      `${at} wants a password: put it into REDIS_URL.`,
    );
  });

  it('says what the ACL forbids', async () => {
    const { port } = await redis({ user: `pairing on >${SECRET} ~* -@all +hello +ping` });
    expect(await sentence(`redis://pairing:${SECRET}@127.0.0.1:${port}`)).toMatch(
      /^Redis at [\d.:]+ forbids its user what we need \(NOPERM .*'info' command.*\)\.$/,
    );
  });

  it('says that the TLS certificate is not trusted', async () => {
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

  it('says that it does not speak TLS', async () => {
    const { port } = await redis();
    expect(await sentence(`rediss://:${SECRET}@127.0.0.1:${port}`)).toMatch(
      new RegExp(`^Redis at 127.0.0.1:${port} (does not speak TLS|cannot be used)`),
    );
  });

  it('says that it is too old', async () => {
    const { port } = await redis();
    const url = await proxy(port, /redis_version:7\.0\.\d\d/, 'redis_version:6.2.14');
    expect(await sentence(url)).toMatch(/ is too old \(version 6\.2\.14\): use 7\.0 or newer\.$/);
  });

  it('says that it is too old even to say how old it is', async () => {
    const { port } = await redis();
    const url = await proxy(port, /^%[^]*/, "-ERR unknown command 'HELLO'\r\n");
    expect(await sentence(url)).toMatch(
      / is too old \(it does not speak RESP3\): use 7\.0 or newer\.$/,
    );
  });

  it('says that it is read-only, and what the sentinels say', async () => {
    const group = cleanUp.add(await SentinelGroup.start());
    expect(await sentence(group.replica.url)).toBe(
      `Redis at 127.0.0.1:${group.replica.port} is a read-only replica: name its primary in REDIS_URL, or its sentinels.`,
    );
    expect(await sentence(`${group.url(`:${SECRET}@`)}s`)).toMatch(
      /^Sentinel at [\d.:]+ knows no master called pairings\.$/,
    );
    const port = await freePort();
    expect(await sentence(`redis+sentinel://:${SECRET}@127.0.0.1:${port}/pairing`)).toBe(
      `Sentinel at 127.0.0.1:${port} cannot be used: connect ECONNREFUSED 127.0.0.1:${port}.`,
    );
  });

  it('warns of an eviction policy that drops clusters, and serves all the same', async () => {
    const { url } = await redis({ 'maxmemory-policy': 'allkeys-lru' });
    const service = cleanUp.add(await startService({ REDIS_URL: url }));
    const warning =
      'The eviction policy of Redis is allkeys-lru: it may drop clusters that live. Set maxmemory-policy to noeviction.';
    expect(service.program.output).toContain(warning);
    const ready = await fetch(`${service.url}/health/ready`);
    expect(ready.status).toBe(200);
    const readiness = await ready.json();
    expect(readiness).toMatchObject({ status: 'up', storage: 'up', warnings: [warning] });
  });
});
