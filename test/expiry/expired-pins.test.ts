import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClusterStore } from '../../src/clusters/cluster.store.js';
import { MaintenanceService } from '../../src/maintenance/maintenance.service.js';
import { outcomeOf } from '../../src/issuances/issuance.js';
import { IssuanceStore } from '../../src/issuances/issuance.store.js';
import { IssuancesService } from '../../src/issuances/issuances.service.js';
import type { Request } from '../support/api.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR, MovableClock } from '../support/clock.js';
import { InProcessService } from '../support/in-process.js';
import { until } from '../support/process.js';

describe('Expiry', () => {
  const clock = new MovableClock();
  const cleanUp = new CleanUp();
  let service: InProcessService;
  let lookers = 0;

  beforeAll(async () => {
    service = cleanUp.add(await InProcessService.start(clock, { TRUSTED_PROXIES: '1' }));
  });
  afterAll(() => cleanUp.run());

  it('happens 24 hours after creation, to the millisecond, whatever happens before', async () => {
    const pin = await service.issuePin();
    clock.advance(23 * HOUR);
    await service.addKey(pin, 'master_ip', '10.0.0.1');
    clock.advance(HOUR - 1);
    expect(await service.keyText(pin, 'master_ip')).toBe('master_ip: 10.0.0.1');
    clock.advance(1);
    expect((await service.api(`/clusters/${pin}/keys/master_ip`)).status).toBe(404);
  });

  it.each([
    ['lonely_worker', 'master_ip'],
    ['lonely_worker', 'master_ready'],
    ['unused', 'text'],
  ])(
    'gives the outcome %s when %s was requested and no master registered',
    async (outcome, key) => {
      const runExpiry = () => service.get(MaintenanceService).run();
      const [{ pin, id }, other] = [await service.issue(), await service.issue()];
      // The other is always marked, and in the same second: when it is, so is what was to be marked.
      for (const path of [`${pin}/keys/${key}`, `${other.pin}/keys/master_ip`]) {
        for (let poll = 0; poll < 3; poll++) {
          expect((await service.api(`/clusters/${path}`)).status).toBe(404);
        }
      }
      await until('what was asked to be marked', async () => {
        return (await service.get(ClusterStore).find(other.id))?.askedAt !== undefined;
      });
      clock.advance(24 * HOUR - 15_000);
      await runExpiry();
      clock.advance(15_000);
      await runExpiry();
      const record = await service.get(IssuanceStore).find(id);
      expect(outcomeOf(record!, clock.now())).toBe(outcome);
    },
  );

  const revoke = (id: string) =>
    service.get(IssuancesService).revoke(service.user, id, '127.0.0.1');

  it.each<[string, (pin: string, id: string) => Promise<unknown>]>([
    ['Expiry', async () => clock.advance(24 * HOUR)],
    ['Revoking', (_, id) => revoke(id)],
    ['Deleting', (pin) => service.api(`/clusters/${pin}`, { method: 'DELETE' })],
  ])('%s makes a PIN look as if it had never been issued', async (_, end) => {
    const { pin, id } = await service.issue();
    const look = async (of: string) => {
      // From another address each time, so that none is throttled.
      const elsewhere = { 'x-forwarded-for': `10.0.${lookers++}.1` };
      const send = ({ headers = {}, ...request }: Request, path = '') =>
        service.api(`/clusters/${of}${path}`, {
          ...request,
          headers: { ...headers, ...elsewhere },
        });
      return Promise.all([
        send({}),
        send({ method: 'DELETE' }),
        send({}, '/events'),
        send({}, '/keys'),
        send({ method: 'POST', json: { key: 'a', value: 'b' } }, '/keys'),
        send({}, '/keys/a'),
        send({ headers: { prefer: 'wait=25' } }, '/keys/a'),
        send({ method: 'PATCH', json: { value: 'c' } }, '/keys/a'),
      ]);
    };
    await end(pin, id);
    const ended = await look(pin);
    const neverIssued = await look('abcdefghijkl');
    const seen = (answers: typeof ended) =>
      answers.map(({ status, text, headers }) => [
        status,
        text,
        [...headers].filter(([name]) => name !== 'date'),
      ]);
    expect(seen(ended)).toEqual(seen(neverIssued));
    expect(ended.every(({ status }) => status === 404)).toBe(true);
  });
});
