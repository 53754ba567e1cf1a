import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SystemClock } from '../../src/clock/clock.js';
import { MAX_MEMBERS } from '../../src/clusters/cluster.js';
import { PinResolver } from '../../src/clusters/pin.resolver.js';
import { ClusterStore } from '../../src/clusters/cluster.store.js';
import { MemberReader } from '../../src/members/member-reader.js';
import { MembersService } from '../../src/members/members.service.js';
import { MAX_UNSENT_BYTES } from '../../src/members/unsent-lists.js';
import { problem } from '../support/api.js';
import { CleanUp } from '../support/clean-up.js';
import { InProcessService } from '../support/in-process.js';
import { until } from '../support/process.js';
import { sendOnly } from '../support/raw-http.js';

const AS_JSON = { accept: 'application/json' };

describe('Lists of members', () => {
  const cleanUp = new CleanUp();
  let service: InProcessService;
  beforeAll(async () => {
    service = cleanUp.add(await InProcessService.start(new SystemClock()));
  });
  afterAll(() => cleanUp.run());

  const put = (pin: string, name: string, detail: string) =>
    service
      .get(MembersService)
      .put(pin, name, { address: '10.0.0.2', state: 'waiting', detail }, '127.0.0.1');

  it('keep no more memory in the cache than they need', async () => {
    const pin = await service.issuePin();
    await put(pin, 'worker', '');
    const cipher = service.get(PinResolver).cipherOfNew(pin);
    const { body } = (await service.get(MemberReader).list(cipher)).as('text');
    expect(body.toString()).toBe('10.0.0.2 worker\n');
    expect(body.buffer.byteLength).toBe(body.length); // and no part of a pool of 64 KiB
  });

  it('are refused when too many of them are not read, and sent again when they are', async () => {
    const pin = await service.issuePin();
    const suffix = '.a'.repeat(120);
    for (let n = 0; n < MAX_MEMBERS; n += 250) {
      const names = Array.from({ length: 250 }, (_, m) => `m${n + m}${suffix}`);
      await Promise.all(names.map((name) => put(pin, name, '😀'.repeat(200))));
    }
    const path = `/clusters/${pin}/members`;
    const { length } = Buffer.from((await service.api(path, { headers: AS_JSON })).text);
    const kept = Math.floor(MAX_UNSENT_BYTES / length);
    expect(kept).toBeGreaterThan(2);

    const sockets: Socket[] = [];
    const askAndNotRead = async (n: number) => {
      await put(pin, `m0${suffix}`, `change ${n}`);
      const get = `GET /api/v1${path} HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n\r\n`;
      const socket = await sendOnly(service.url, get);
      sockets.push(socket);
    };
    const next = async () => {
      await put(pin, `m0${suffix}`, `next ${sockets.length}`);
      return service.api(path, { headers: AS_JSON });
    };
    for (let n = 0; n < kept; n++) {
      await askAndNotRead(n);
      await delay(1_000); // until its list is read, and the next change is another
    }
    const refused = await next();
    expect(refused.json).toEqual(problem(429, 'too-many-requests'));
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const other = await service.issuePin();
    expect((await service.api(`/clusters/${other}/members`)).status).toBe(200);

    for (const socket of sockets) socket.destroy();
    await until('lists to be sent again', async () => (await next()).status === 200);
  }, 120_000);

  it('that are long are read a fifth of the time at most', async () => {
    const READ_MS = 100;
    const pin = await service.issuePin();
    const store = service.get(ClusterStore);
    const members = store.members.bind(store);
    store.members = async (id) => {
      await delay(READ_MS);
      return members(id);
    };
    const start = performance.now();
    const lists = new Set<string>();
    for (let n = 0; n < 5; n++) {
      await put(pin, `m${n}`, 'x');
      lists.add((await service.api(`/clusters/${pin}/members`)).text);
    }
    expect(lists.size).toBe(5);
    expect(performance.now() - start).toBeGreaterThan(5 * READ_MS + 4 * 4 * READ_MS);
    store.members = members;
  });
});
