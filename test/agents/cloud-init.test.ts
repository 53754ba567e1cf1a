import { statSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Service, startService } from '../support/service.js';
import { AS_MASTER, contextOf, Machine, PLACEHOLDER } from './machine.js';
import { shells } from './shells.js';

const INSTANCE = 'var/lib/cloud/instance';
const CLOUD_CONFIG = `runcmd:\n- echo 'join ${PLACEHOLDER}'\n`;
const SCRIPT = `#!/bin/sh\njoin ${PLACEHOLDER}\n`;

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

describe.each(shells)('Under cloud-init, with %s,', (shell) => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await Machine.create(shell);
  });
  afterAll(() => machine.remove());
  afterEach(() => machine.reset());

  /** What cloud-init's network stage leaves behind, at every boot. */
  const networkStage = (context: string) => {
    machine.write(`${INSTANCE}/user-data.txt`, context);
    machine.write(`${INSTANCE}/cloud-config.txt`, CLOUD_CONFIG, 0o600);
    machine.write(`${INSTANCE}/scripts/part-001`, SCRIPT, 0o700);
    machine.write(`${INSTANCE}/boothooks/part-002`, SCRIPT, 0o700);
  };
  const cloudInitStatusIs = (code: number) => {
    machine.write('bin/cloud-init', `#!/bin/sh\nexit ${code}\n`, 0o755);
    return { PATH: `${machine.file('bin')}:${machine.path}` };
  };
  const addKeys = async (pin: string, keys: Record<string, string>) => {
    for (const [key, value] of Object.entries(keys)) await service.addKey(pin, key, value);
  };
  const READY = { master_ip: '10.10.25.5', master_ready: 'true' };

  it("a worker gets its master's address into what the later stages read, and nowhere else", async () => {
    const pin = await service.issuePin();
    await addKeys(pin, READY);
    const context = contextOf(pin, service.url);
    networkStage(context);
    const filledIn = (text: string) => text.replace(PLACEHOLDER, '10.10.25.5');

    expect(await machine.runService('contextualize')).toEqual({
      console: 'Cluster pairing: the master is 10.10.25.5 (placeholder replaced in 3 files).\n',
      code: 0,
    });
    expect(machine.read(`${INSTANCE}/cloud-config.txt`)).toBe(filledIn(CLOUD_CONFIG));
    expect(machine.read(`${INSTANCE}/scripts/part-001`)).toBe(filledIn(SCRIPT));
    expect(machine.read(`${INSTANCE}/user-data.txt`)).toBe(filledIn(context));
    expect(machine.read(`${INSTANCE}/boothooks/part-002`)).toBe(SCRIPT);
    expect(statSync(machine.file(`${INSTANCE}/scripts/part-001`)).mode & 0o777).toBe(0o700);
  });

  it('a worker that boots again after its PIN has ended knows the address still', async () => {
    const pin = await service.issuePin();
    await addKeys(pin, READY);
    networkStage(contextOf(pin, service.url));
    await machine.runService('contextualize');
    await fetch(`${service.url}/api/v1/clusters/${pin}`, { method: 'DELETE' });

    networkStage(contextOf(pin, service.url));
    expect((await machine.runService('contextualize')).code).toBe(0);
    expect(machine.read(`${INSTANCE}/cloud-config.txt`)).toContain('10.10.25.5');
    expect(statSync(machine.file(`${INSTANCE}/cluster-pairing`)).mode & 0o777).toBe(0o600);
  });

  it('a worker without a master fails for systemd to see, its context untouched', async () => {
    const context = contextOf('abcdefghijkl', service.url);
    networkStage(context);
    const { console, code } = await machine.runService('contextualize');
    expect(code).toBe(1);
    expect(console).toContain('gave up: the service does not know this PIN');
    expect(machine.read(`${INSTANCE}/cloud-config.txt`)).toBe(CLOUD_CONFIG);
  });

  it('a placeholder that YAML took for a comment is told', async () => {
    const pin = await service.issuePin();
    await addKeys(pin, READY);
    networkStage(`#cloud-config\n${contextOf(pin, service.url).replace(/^/gm, '# ')}`);
    machine.write(`${INSTANCE}/cloud-config.txt`, 'runcmd:\n- echo join\n');
    expect((await machine.runService('contextualize')).console).toContain('put quotes around it');
  });

  it('a master registers before the later stages, and is announced when all have gone well', async () => {
    const pin = await service.issuePin();
    networkStage(contextOf(pin, service.url, AS_MASTER));
    expect((await machine.runService('contextualize')).code).toBe(0);
    expect(await service.keyText(pin, 'master_ip')).toBe('master_ip: 127.0.0.1');
    expect(await service.keyText(pin, 'master_ready')).toBe('');

    for (const boot of ['first', 'second']) {
      const { console, code } = await machine.runService('announce-ready', cloudInitStatusIs(0));
      expect([boot, code, console]).toEqual([
        boot,
        0,
        'Cluster pairing: announced master_ready.\n',
      ]);
    }
    expect(await service.keyText(pin, 'master_ready')).toBe('master_ready: true');
  });

  it('a master that could not register earlier does so when it is ready', async () => {
    const pin = await service.issuePin();
    networkStage(contextOf(pin, service.url, AS_MASTER));
    expect((await machine.runService('announce-ready', cloudInitStatusIs(2))).code).toBe(0);
    expect(await service.keyText(pin, 'master_ip')).toBe('master_ip: 127.0.0.1');
    expect(await service.keyText(pin, 'master_ready')).toBe('master_ready: true');
  });

  it('a master whose boot failed is not announced as ready, but as failed if wanted', async () => {
    const pin = await service.issuePin();
    networkStage(contextOf(pin, service.url, AS_MASTER));
    const failed = cloudInitStatusIs(1);
    expect((await machine.runService('announce-ready', failed)).code).toBe(1);
    expect(await service.keyText(pin, 'master_failed')).toBe('');

    await machine.runService('announce-ready', { ...failed, PAIRING_ANNOUNCE_FAILURE: 'yes' });
    expect(await service.keyText(pin, 'master_failed')).toBe(
      'master_failed: cloud-init status is 1',
    );
    expect(await service.keyText(pin, 'master_ready')).toBe('');
  });

  it('a machine without a context, or in no cluster, is left alone in silence', async () => {
    const silence = { console: '', code: 0 };
    expect(await machine.runService('contextualize')).toEqual(silence);
    networkStage('#cloud-config\n{}\n');
    expect(await machine.runService('contextualize')).toEqual(silence);
    expect(await machine.runService('announce-ready')).toEqual(silence);
  });
});
