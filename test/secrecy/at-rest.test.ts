import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import Database from 'libsql';
import { CleanUp } from '../support/clean-up.js';
import { Client } from '../support/client.js';
import { PostgresServer } from '../support/postgres.js';
import { RedisServer } from '../support/redis.js';
import { finderOf } from '../support/secrets.js';
import { type Service, startService } from '../support/service.js';

const CLUSTERS = 1_000;
const AT_ONCE = 20;
const TIMEOUT_MS = 120_000;

describe(`After ${CLUSTERS} clusters, no PIN, no value and no member is`, () => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  /** Fills and uses clusters, and returns all their secrets. */
  async function fill(service: Service, client: Client): Promise<string[]> {
    const authorization = `Bearer ${await service.token()}`;
    const secrets = [authorization.slice('Bearer '.length)];
    const fillOne = async () => {
      const issued = await client.request('POST', '/api/v1/clusters', {}, { authorization });
      const { pin } = JSON.parse(issued.body) as { pin: string };
      const [address, text, next] = [8, 24, 24].map((bytes) => randomBytes(bytes).toString('hex'));
      secrets.push(pin, address!, text!, next!);

      const keys = `/api/v1/clusters/${pin}/keys`;
      await client.request('POST', keys, { key: 'master_ip', value: address });
      await client.request('POST', keys, { key: 'master_ip', value: `${address}x` });
      await client.request('POST', keys, { key: 'text', value: `${text} é` });
      await client.request('PATCH', `${keys}/text`, { key: 'renamed', value: next });
      const kept = await client.get(`${keys}/renamed`);
      expect(kept.body).toBe(`renamed: ${next}`);

      const groups = randomBytes(8).toString('hex').match(/.{4}/g)!;
      const member = {
        name: `n${randomBytes(12).toString('hex')}`,
        address: `2001:db8::${groups.join(':')}`,
        detail: randomBytes(24).toString('hex'),
      };
      secrets.push(...Object.values(member));
      const { name, ...status } = member;
      const path = `/api/v1/clusters/${pin}/members/${name}`;
      await client.request('PUT', path, { ...status, state: 'waiting' });
      await client.request('PUT', path, { ...status, state: 'failed' });
      await client.request('PUT', path, { ...status, state: 'lost' });
      const listed = await client.get(`/api/v1/clusters/${pin}/members`);
      expect(listed.body).toBe(`${member.address} ${name}\n`);
    };
    for (let filled = 0; filled < CLUSTERS; filled += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, fillOne));
    }
    return secrets;
  }

  async function everythingIn(dir: string): Promise<Buffer> {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return Buffer.concat(
      await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name)))),
    );
  }

  function found(secrets: string[], ...places: (Buffer | string)[]): string[] {
    const find = finderOf(secrets);
    return places.flatMap((place) => find(place.toString('latin1'))); // secrets are ASCII
  }

  it(
    'in a dump of Redis, in its append-only file, in a dump of PostgreSQL, or in the log, except the hint of a PIN',
    async () => {
      const plain = { rdbcompression: 'no', 'aof-use-rdb-preamble': 'no', appendonly: 'yes' };
      const redis = cleanUp.add(await RedisServer.start(plain));
      const postgres = cleanUp.add(await PostgresServer.start());
      const env = { REDIS_URL: redis.url, DATABASE_URL: postgres.url };
      const service = cleanUp.add(await startService(env));
      const client = cleanUp.add(new Client(service.url, { keepAlive: true }));
      const secrets = await fill(service, client);

      await redis.command('SAVE');
      await redis.kill();
      // What fails is logged in more words.
      const path = `/api/v1/clusters/${secrets[1]}/keys/${secrets[2]}`;
      expect((await client.get(path)).status).toBe(503);

      const stored = await everythingIn(redis.dir);
      const aof = await everythingIn(join(redis.dir, 'appendonlydir'));
      expect(stored.includes('key:master_ip')).toBe(true); // names are stored in clear
      expect(aof.includes('key:master_ip')).toBe(true);
      expect(service.output).toContain('request');
      expect(found(secrets, stored, service.output, redis.log, postgres.dump())).toEqual([]);
      expectOnlyHints(await postgres.query('SELECT * FROM issuances', 'pairing'), secrets);
    },
    TIMEOUT_MS,
  );

  it(
    'in the files of the embedded database, or in the log, except the hint of a PIN',
    async () => {
      const service = cleanUp.add(await startService());
      const client = cleanUp.add(new Client(service.url, { keepAlive: true }));
      const secrets = await fill(service, client);
      await service.program.stop('SIGKILL'); // so that nothing is tidied up

      const stored = await everythingIn(service.dataDir);
      expect(stored.includes('master_ip')).toBe(true);
      expect(found(secrets, stored, service.output)).toEqual([]);
      const file = cleanUp.add(new Database(join(service.dataDir, 'pairing.sqlite')));
      const rows = file.prepare('SELECT * FROM issuances').all() as Record<string, unknown>[];
      expectOnlyHints(rows, secrets);
    },
    TIMEOUT_MS,
  );
});

function expectOnlyHints(issuances: Record<string, unknown>[], secrets: string[]): void {
  expect(startsIn(issuances, secrets, 4)).not.toEqual([]);
  expect(startsIn(issuances, secrets, 5)).toEqual([]);
}

/** The PINs whose first `length` characters are in the issuances. */
function startsIn(rows: Record<string, unknown>[], secrets: string[], length: number): string[] {
  // Five characters may be in an id by chance, and five digits in a time.
  const columns = rows.map((row) => JSON.stringify(Object.values({ ...row, id: null }))).join();
  return secrets
    .filter((secret) => /^(?!\d{5})[a-z0-9]{12}$/.test(secret))
    .filter((pin) => columns.includes(pin.slice(0, length)));
}
