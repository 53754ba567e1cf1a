import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootFieldVm } from '../../dev/field-vm.js';
import { contextOf } from '../../dev/vm.js';
import { until } from '../support/process.js';
import { type Service, startService } from '../support/service.js';

describe('An unmodified image of the field', () => {
  let service: Service;
  let folder: string;

  beforeAll(async () => {
    service = await startService();
    folder = await mkdtemp(join(tmpdir(), 'pairing-vms-'));
  });
  afterAll(async () => {
    await service.stop();
    await rm(folder, { recursive: true });
  });

  const boot = (name: string, pin: string, options: { master?: boolean; url?: string } = {}) =>
    bootFieldVm(join(folder, name), contextOf({ pin, url: service.url, ...options }), {
      TRIES: '20',
    });
  const addresses = Object.values(networkInterfaces()).flatMap((each) =>
    (each ?? []).map(({ address }) => address),
  );

  it('pairs: workers that waited get the address of their master into their context', async () => {
    const pin = await service.issuePin();
    const workers = [1, 2, 3].map((n) => boot(`worker${n}`, pin));
    const master = boot('master', pin, { master: true });
    await master.console;

    const address = (await service.keyText(pin, 'master_ip')).replace('master_ip: ', '');
    expect(addresses).toContain(address);
    expect(workers.map(({ process }) => process.exitCode)).toEqual([null, null, null]);

    await service.addKey(pin, 'master_ready', 'true');
    await until('the workers to go on', () =>
      workers.every(({ process }) => process.exitCode === 0),
    );
    const expected = contextOf({ pin, url: service.url }).replace(
      '###MASTER_IP_PLACEHOLDER###',
      address,
    );
    for (const { userData } of workers) expect(await readFile(userData, 'utf8')).toBe(expected);
  });

  it('takes a master that posts again, as after a lost answer', async () => {
    const pin = await service.issuePin();
    for (const name of ['first', 'retry']) {
      expect(await boot(name, pin, { master: true }).console).toContain('done');
    }
  });

  it('gives up and goes on booting when the PIN is unknown, its context untouched', async () => {
    const context = contextOf({ pin: 'abcdefghijkl', url: service.url });
    const worker = bootFieldVm(join(folder, 'lost'), context, { TRIES: '2', PAUSE: '0' });
    expect(await worker.console).toContain('given up, boot goes on');
    expect(await readFile(worker.userData, 'utf8')).toBe(context);
  });
});
