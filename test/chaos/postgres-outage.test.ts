import { afterEach, describe, expect, it } from '@jest/globals';
import { type Answer, problem } from '../support/api.js';
import { CleanUp } from '../support/clean-up.js';
import { freePort } from '../support/ports.js';
import { PostgresServer } from '../support/postgres.js';
import { until } from '../support/process.js';
import { RedisServer } from '../support/redis.js';
import { type Service, startService } from '../support/service.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const TIMEOUT_MS = 120_000;

interface Way {
  readonly postgres: PostgresServer;
  readonly proxy: TcpProxy;
}

/** How PostgreSQL may go away, and come back. */
const outages: [string, (way: Way) => unknown, (way: Way) => unknown][] = [
  ['is killed', ({ postgres }) => postgres.kill(), ({ postgres }) => postgres.restart()],
  ['is cut off', ({ proxy }) => proxy.freeze(), ({ proxy }) => proxy.thaw()],
];

describe('When PostgreSQL', () => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  async function issue(service: Service): Promise<Answer> {
    const headers = { authorization: `Bearer ${await service.token()}` };
    return service.api('/clusters', { method: 'POST', headers });
  }

  async function list(service: Service): Promise<Answer> {
    const headers = { authorization: `Bearer ${await service.token()}` };
    return service.api('/issuances', { headers });
  }

  /** Says whether a master and a worker can pair by this PIN. */
  async function pairs(service: Service, pin: string): Promise<boolean> {
    const { status } = await service.addKey(pin, 'master_ip', '10.0.0.1');
    return status === 201 && (await service.keyText(pin, 'master_ip')) === 'master_ip: 10.0.0.1';
  }

  async function readiness(service: Service) {
    const response = await fetch(`${service.url}/health/ready`);
    return { code: response.status, ...((await response.json()) as { database: string }) };
  }

  it.each(outages)(
    '%s, machines pair, and no PIN is issued until it is back',
    async (_, goAway, comeBack) => {
      const postgres = cleanUp.add(await PostgresServer.start());
      const proxy = cleanUp.add(await TcpProxy.to(postgres.port));
      const redis = cleanUp.add(await RedisServer.start());
      const service = cleanUp.add(
        await startService({ REDIS_URL: redis.url, DATABASE_URL: throughProxy(postgres, proxy) }),
      );
      const pin = ((await issue(service)).json as { pin: string }).pin;
      const deleted = ((await issue(service)).json as { pin: string }).pin;

      await goAway({ postgres, proxy });
      const refused = await issue(service);
      expect(refused.json).toEqual(problem(503, 'storage-unavailable'));
      expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
      expect((await list(service)).status).toBe(503);
      expect(await pairs(service, pin)).toBe(true);
      const { status } = await service.api(`/clusters/${deleted}`, { method: 'DELETE' });
      expect(status).toBe(204);
      await until('the outage to be noticed', async () => {
        const { database } = await readiness(service);
        return database === 'down';
      });
      expect(await readiness(service)).toMatchObject({ code: 200, status: 'up', storage: 'up' });

      await comeBack({ postgres, proxy });
      await until(
        'PostgreSQL to be used again',
        async () => (await readiness(service)).database === 'up',
        60_000,
      );
      expect((await issue(service)).status).toBe(201);
      await until(
        'the scheduler to find out',
        async () => (await list(service)).text.includes('"outcome":"deleted"'),
        60_000,
      );
    },
    TIMEOUT_MS,
  );

  it('is cut off, the service stops on SIGTERM', async () => {
    const postgres = cleanUp.add(await PostgresServer.start());
    const proxy = cleanUp.add(await TcpProxy.to(postgres.port));
    const service = cleanUp.add(
      await startService({ DATABASE_URL: throughProxy(postgres, proxy) }),
    );
    await issue(service);
    proxy.freeze();
    const inFlight = list(service);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const exitCode = service.program.stop('SIGTERM');
    expect((await inFlight).status).toBe(503);
    expect(await exitCode).toBe(0);
    expect(service.output).not.toContain('Failed to close');
  }, 20_000);

  it('is down at the start, the service starts', async () => {
    const port = await freePort();
    const service = cleanUp.add(
      await startService({ DATABASE_URL: `postgres://pairing@127.0.0.1:${port}/pairing` }),
    );
    expect(await readiness(service)).toMatchObject({ code: 200, status: 'up', database: 'down' });
    expect((await issue(service)).status).toBe(503);
    expect(service.output).toContain('PostgreSQL cannot be used, so no PIN can be issued');
  });

  it('is too old, the service starts, and logs that', async () => {
    const postgres = cleanUp.add(await PostgresServer.start());
    const [row] = await postgres.query('SHOW server_version_num');
    const number = row!['server_version_num'] as string;
    const old = Buffer.from(`12${number.slice(2)}`);
    const proxy = cleanUp.add(
      await TcpProxy.to(postgres.port, (chunk) => {
        const at = chunk.indexOf(number);
        if (at >= 0) old.copy(chunk, at);
        return chunk;
      }),
    );
    const env = { DATABASE_URL: throughProxy(postgres, proxy) };
    const service = cleanUp.add(await startService(env));
    expect(await readiness(service)).toMatchObject({ code: 200, database: 'down' });
    expect((await issue(service)).status).toBe(503);
    expect(service.output).toContain('and 13 or newer is needed');
  }, 60_000);

  it('is new, replicas that start together migrate its schema', async () => {
    const postgres = cleanUp.add(await PostgresServer.start());
    const redis = cleanUp.add(await RedisServer.start());
    const env = { REDIS_URL: redis.url, DATABASE_URL: postgres.url };
    const replicas = await Promise.all(Array.from({ length: 3 }, () => startService(env)));
    for (const replica of replicas) cleanUp.add(replica);
    for (const replica of replicas) {
      expect(await readiness(replica)).toMatchObject({ database: 'up' });
      expect((await issue(replica)).status).toBe(201);
      expect(replica.output).not.toContain('cannot be used');
    }
    const migrations = await postgres.query('SELECT name FROM migrations', 'pairing');
    const names = migrations.map(({ name }) => name);
    expect(names).toContain('Issuances1795516200000');
    expect(names).toEqual([...new Set(names)]); // each by one replica
  }, 60_000);
});

function throughProxy(postgres: PostgresServer, proxy: TcpProxy): string {
  return postgres.url.replace(String(postgres.port), String(proxy.port));
}
