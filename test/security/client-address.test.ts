import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generatePin } from '../../src/clusters/pin.js';
import { type Api, apiOf } from '../support/api.js';
import { CleanUp } from '../support/clean-up.js';
import { type HostedService, hostService } from '../support/hosted-service.js';
import { until } from '../support/process.js';
import { RedisServer } from '../support/redis.js';

/** What `TRUSTED_PROXIES` may be, and what it takes for a client's address to be believed. */
const modes = [
  { proxies: 'by their number', trusted: '1', through: (address: string) => address },
  {
    proxies: 'by their addresses',
    trusted: '127.0.0.1,::1,10.0.0.0/8',
    through: (address: string) => `192.0.2.99, ${address}, 10.1.2.3:80`,
  },
];
const stores = ['Redis', 'the embedded store'];

describe.each(stores)('With clusters in %s', (store) => {
  describe.each(modes)('and proxies trusted $proxies', ({ trusted, through }) => {
    const cleanUp = new CleanUp();
    let service: HostedService;
    let api: Api;
    beforeAll(async () => {
      const redis = store === 'Redis' ? cleanUp.add(await RedisServer.start()) : undefined;
      const env = { TRUSTED_PROXIES: trusted, ...(redis && { REDIS_URL: redis.url }) };
      service = cleanUp.add(await hostService(env));
      api = apiOf(service.url);
    });
    afterAll(() => cleanUp.run());

    const from = (address: string) => ({ 'x-forwarded-for': through(address) });
    const post = (pin: string, value: string, address: string) =>
      api(`/clusters/${pin}/keys`, {
        method: 'POST',
        json: { key: 'master_ip', value },
        headers: from(address),
      });

    it.each([
      ['203.0.113.7:40001', '203.0.113.7:40002'],
      ['[2001:db8::1]:5', '2001:DB8:0::1'],
      ['::ffff:203.0.113.8', '203.0.113.8:7'],
    ])('a master at %s whose answer was lost tries again at %s', async (first, again) => {
      const pin = await service.issuePin();
      expect((await post(pin, '10.10.25.5', first)).status).toBe(201);
      const { status, headers } = await post(pin, '10.10.25.5', again);
      expect([status, headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    });

    it('a second master is on record with its address in normal form', async () => {
      const pin = await service.issuePin();
      await post(pin, '10.10.25.5', '203.0.113.7');
      expect((await post(pin, '10.10.25.6', '[::ffff:198.51.100.9]:99')).status).toBe(409);
      const audits = () =>
        service.output.split('\n').filter((line) => line.includes('second_master'));
      await until('the audit line', () => audits().length > 0);
      const [line] = audits();
      expect(JSON.parse(line!)).toMatchObject({
        audit: 'second_master',
        id: expect.stringMatching(/^\S+$/),
        address: '198.51.100.9',
      });
    });

    it.each([
      ['another port', (n: number) => `198.51.100.77:${40_000 + n}`],
      ['another spelling', (n: number) => `2001:db8:77:0:0:0:0:${'0'.repeat(n % 4)}7`],
      ['another zone', (n: number) => `[fe80::77%eth${n}]`],
    ])('a guesser is throttled who comes with %s each time', async (_, address) => {
      const guess = (n: number) => api(`/clusters/${generatePin()}`, { headers: from(address(n)) });
      const statuses = [];
      for (let n = 0; n < 21; n++) statuses.push((await guess(n)).status);
      expect(statuses.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 404));
      expect(statuses[20]).toBe(429);
    });
  });
});

describe('Where no proxy is trusted', () => {
  const cleanUp = new CleanUp();
  afterAll(() => cleanUp.run());

  it('what a client says of its address changes nothing', async () => {
    const service = cleanUp.add(await hostService());
    const api = apiOf(service.url);
    const pin = await service.issuePin();
    const post = (forwardedFor: string) =>
      api(`/clusters/${pin}/keys`, {
        method: 'POST',
        json: { key: 'master_ip', value: '10.10.25.5' },
        headers: { 'x-forwarded-for': forwardedFor },
      });
    expect((await post('203.0.113.7')).status).toBe(201);
    const { status, headers } = await post('198.51.100.1');
    expect([status, headers.get('idempotent-replayed')]).toEqual([201, 'true']);
  });
});
