import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Service, startService } from '../support/service.js';
import { AS_MASTER, contextOf, Machine, PLACEHOLDER } from './machine.js';
import { shells } from './shells.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

describe.each(shells)('The bootloader script in %s', (shell) => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await Machine.create(shell);
  });
  afterAll(() => machine.remove());
  afterEach(() => machine.reset());

  it('registers the address of a master', async () => {
    const pin = await service.issuePin();
    const console = await machine.bootMicroCernVM(contextOf(pin, service.url, AS_MASTER));
    expect(console).toBe(
      "[INF] Cluster pairing: registered 127.0.0.1 as the master's address.\nboot goes on\n",
    );
    expect(await service.keyText(pin, 'master_ip')).toBe('master_ip: 127.0.0.1');
  });

  it("gives a waiting worker its master's address as soon as the master is ready", async () => {
    machine.configure({ TRIES: 1000 });
    const pin = await service.issuePin();
    const context = contextOf(pin, service.url);
    const worker = machine.bootMicroCernVM(context);
    await delay(300);
    expect(machine.read('user-data')).toBe(context);
    await service.addKey(pin, 'master_ip', '10.10.25.5');
    await service.addKey(pin, 'master_ready', 'true');
    expect(await worker).toMatch(
      /the master is 10\.10\.25\.5: 1 placeholder replaced\.\nboot goes on\n$/,
    );
    expect(machine.read('user-data')).toBe(context.replace(PLACEHOLDER, '10.10.25.5'));
  });

  it('uses the fields that the init has read of the context', async () => {
    const pin = await service.issuePin();
    const console = await machine.bootMicroCernVM('nothing in it', {
      CVM_CLUSTER_PIN: pin,
      CVM_CLUSTER_MASTER: 1,
      CVM_SERVICE_URL: service.url,
    });
    expect(console).toContain('registered 127.0.0.1');
  });

  it.each([
    ['a host and a port alone', ({ host }: URL) => host],
    ['a trailing slash', ({ href }: URL) => href],
  ])('takes %s for the URL of the service', async (_, form) => {
    const url = form(new URL(service.url));
    const context = contextOf(await service.issuePin(), url, AS_MASTER);
    expect(await machine.bootMicroCernVM(context)).toContain('registered 127.0.0.1');
  });

  it('runs once in the life of a machine', async () => {
    const context = contextOf(await service.issuePin(), service.url, AS_MASTER);
    await machine.bootMicroCernVM(context);
    expect(statSync(machine.file('ami-contextualized')).size).toBe(0);
    machine.write('mnt/.rw/context/ami-contextualized', '');
    expect(await machine.bootMicroCernVM(context)).toBe('boot goes on\n');
  });

  it('prints nothing on a machine that is in no cluster', async () => {
    expect(await machine.bootMicroCernVM('[amiconfig]\nplugins=cernvm\n')).toBe('boot goes on\n');
  });

  it('does not wait for a PIN that the service does not know', async () => {
    const context = contextOf('abcdefghijkl', service.url);
    expect(await machine.bootMicroCernVM(context)).toMatch(
      /gave up: the service does not know this PIN.*\nboot goes on\n$/,
    );
    expect(machine.read('user-data')).toBe(context);
  });

  it('prints on a second master that there is one', async () => {
    const pin = await service.issuePin();
    await service.addKey(pin, 'master_ip', '10.10.25.5');
    expect(await machine.bootMicroCernVM(contextOf(pin, service.url, AS_MASTER))).toBe(
      '[INF] Cluster pairing: gave up: another machine is the master of this PIN already (HTTP 409).\nboot goes on\n',
    );
  });

  it('recognizes its own registration whose response was lost', async () => {
    const pin = await service.issuePin();
    const context = contextOf(pin, service.url, AS_MASTER);
    await machine.bootMicroCernVM(context);
    expect(await machine.bootMicroCernVM(context)).toContain('registered 127.0.0.1');
  });

  it('gives up a master that never becomes ready when the budget is spent', async () => {
    machine.configure({ BUDGET: 1, TRIES: 1000, PAUSE: 1 });
    const context = contextOf(await service.issuePin(), service.url);
    const start = Date.now();
    expect(await machine.bootMicroCernVM(context)).toContain(
      'gave up: the master is not ready yet.\nboot goes on',
    );
    expect(Date.now() - start).toBeLessThan(4000);
    expect(machine.read('user-data')).toBe(context);
  });

  it.each([
    ['no end', '[ucernvm-begin]\ncvm_cluster_pin=abcdefghijkl\n', 'no [ucernvm-end]'],
    [
      'no PIN for a master',
      '[ucernvm-begin]\ncvm_cluster_master=on\n[ucernvm-end]\n',
      'cvm_cluster_pin is not',
    ],
    ['a PIN that is none', contextOf('../../etc', 'http://x'), 'cvm_cluster_pin is not a PIN'],
    ['a long PIN', contextOf('abcdefghijklm', 'http://x'), 'cvm_cluster_pin is not a PIN'],
    [
      'a command for a URL',
      contextOf('abcdefghijkl', 'x$(reboot)'),
      'cvm_service_url is not a URL',
    ],
    ['a file for a URL', contextOf('abcdefghijkl', 'file:///etc'), 'neither http nor https'],
    [
      'a bad interface',
      contextOf('abcdefghijkl', 'http://x', 'cvm_cluster_interface=-h'),
      'name of an interface',
    ],
  ])('prints what is wrong with a block that has %s, in one line', async (_, context, words) => {
    const console = await machine.bootMicroCernVM(context);
    expect(console).toContain(words);
    expect(console.split('\n')).toHaveLength(3);
    expect(console).toMatch(/boot goes on\n$/);
    expect(machine.read('user-data')).toBe(context);
  });
});
