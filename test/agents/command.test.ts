import { execFile } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MAX_MEMBERS } from '../../src/clusters/cluster.js';
import { freePort } from '../support/ports.js';
import { until } from '../support/process.js';

import { type Service, startService } from '../support/service.js';
import { AS_MASTER, contextOf, Machine } from './machine.js';
import { shells, untested } from './shells.js';

const STORED = 'run/cernvm-cluster/context';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const join = (pin: string, name: string, address: string, state = 'ready') =>
  service.api(`/clusters/${pin}/members/${name}`, { method: 'PUT', json: { address, state } });

/** The PIN of a cluster with the longest list that there can be. It takes long to fill, so all tests share it. */
let fullCluster: Promise<string> | undefined;
async function fillCluster(): Promise<string> {
  const pin = await service.issuePin();
  const json = {
    address: '2001:db8:1111:2222:3333:4444:5555:6666',
    state: 'waiting',
    detail: '😀'.repeat(200),
  };
  for (let n = 0; n < MAX_MEMBERS; n += 50) {
    const names = Array.from({ length: 50 }, (_, m) => `m${n + m}${'.a'.repeat(120)}`);
    await Promise.all(
      names.map((name) => service.api(`/clusters/${pin}/members/${name}`, { method: 'PUT', json })),
    );
  }
  return pin;
}

describe.each(shells)('cernvm-cluster, with %s,', (shell) => {
  let machine: Machine;
  let pin: string;
  beforeAll(async () => {
    machine = await Machine.create(shell);
  });
  afterAll(() => machine.remove());
  beforeEach(async () => {
    await machine.reset();
    pin = await service.issuePin();
    belongTo(pin);
  });

  const once = shell.alone ? it : untested;

  /** The machine has the context that its agent stored at boot. */
  const belongTo = (ofPin: string, url = service.url) =>
    machine.write(STORED, contextOf(ofPin, url, AS_MASTER));
  const run = async (line: string) => {
    const { console, code } = await machine.runCommand(line.split(' '));
    return [code, console];
  };

  it('prints the members as a host file, as addresses and as JSON', async () => {
    expect(await run('members')).toEqual([0, '']);
    await join(pin, 'w1', '10.0.0.7');
    await join(pin, 'w2.cern.ch', 'fd00::7', 'waiting');
    expect(await run('members')).toEqual([0, '10.0.0.7 w1\nfd00::7 w2.cern.ch\n']);
    expect(await run('members --hosts --ready')).toEqual([0, '10.0.0.7 w1\n']);
    expect(await run('members --addresses')).toEqual([0, '10.0.0.7\nfd00::7\n']);
    const [code, json] = await run('members --json');
    expect(code).toBe(0);
    expect(JSON.parse(json as string)).toMatchObject([
      { name: 'w1', address: '10.0.0.7', state: 'ready', detail: null },
      { name: 'w2.cern.ch', address: 'fd00::7', state: 'waiting' },
    ]);
  });

  it('prints the longest list that there can be, in every form', async () => {
    belongTo(await (fullCluster ??= fillCluster()));
    for (const form of ['hosts', 'addresses']) {
      const [code, lines] = await run(`members --${form}`);
      expect([code, (lines as string).split('\n').length]).toEqual([0, MAX_MEMBERS + 1]);
    }
    const [code, json] = await run('members --json');
    expect(code).toBe(0);
    expect(JSON.parse(json as string)).toHaveLength(MAX_MEMBERS);
  }, 180_000);

  it('waits for as many members as it is asked for, and no longer', async () => {
    await join(pin, 'w1', '10.0.0.7');
    const waiting = run('members --addresses --ready --wait 2 --timeout=30');
    await join(pin, 'w2', '10.0.0.8', 'waiting');
    await join(pin, 'w2', '10.0.0.8');
    expect(await waiting).toEqual([0, '10.0.0.7\n10.0.0.8\n']);
  });

  once('ends with 6 when the time is up', async () => {
    expect(await run('members --wait 2 --timeout 1')).toEqual([
      6,
      expect.stringMatching(/^cernvm-cluster: gave up: fewer than 2 members are there\.\n$/m),
    ]);
  });

  it('prints the address of the master, or ends with 1', async () => {
    expect(await run('master')).toEqual([1, 'cernvm-cluster: the master has not registered yet\n']);
    await service.addKey(pin, 'master_ip', '10.10.25.5');
    expect(await run('master')).toEqual([0, '10.10.25.5\n']);
  });

  it('prints the state of the cluster', async () => {
    await service.addKey(pin, 'master_ip', '10.10.25.5');
    await join(pin, 'w1', '10.0.0.7');
    await join(pin, 'w2', '10.0.0.8', 'failed');
    expect(await run('status')).toEqual([
      0,
      expect.stringMatching(
        `^service  ${service.url}\nrole     master\nstate    master registered\n` +
          'workers  2 joined, 1 ready, 1 failed\nexpires  \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z\n$',
      ),
    ]);
  });

  once('shows the PIN in no process', async () => {
    const running = machine.runCommand(['members', '--wait', '1', '--timeout', '20']);
    let processes = '';
    await until('curl to wait', async () => {
      processes = (await promisify(execFile)('ps', ['-eo', 'args', '-ww'])).stdout;
      return processes.includes('curl -q -K');
    });
    expect(processes).not.toContain(pin);
    await join(pin, 'w1', '10.0.0.7');
    expect((await running).code).toBe(0);
  });

  once('reads the context of cloud-init if the agent has stored none', async () => {
    await service.addKey(pin, 'master_ip', '10.10.25.5');
    machine.write('var/lib/cloud/instance/user-data.txt', machine.read(STORED));
    rmSync(machine.file(STORED));
    expect((await run('master'))[0]).toBe(0);
  });

  it('has a context that only root can read, or the group of that name', async () => {
    machine.write('var/lib/cloud/instance/user-data.txt', contextOf(pin, service.url, AS_MASTER));
    const modeOf = () => (statSync(machine.file(STORED)).mode & 0o777).toString(8);
    await machine.runService('contextualize');
    expect(modeOf()).toBe('600');
    const env = machine.stub('chgrp', '[ "$1" = cernvm-cluster ]');
    await machine.runService('contextualize', env);
    expect(modeOf()).toBe('640');
    expect(await run('members')).toEqual([0, '']);
  });

  once.each([
    [
      'a cluster that has ended',
      4,
      'the service does not know this PIN',
      () => belongTo('abcdefghijkl'),
    ],
    ['no cluster', 3, 'this machine is in no cluster', () => machine.write(STORED, 'nothing')],
    [
      'a block without end',
      3,
      'no [ucernvm-end]',
      () => machine.write(STORED, '[ucernvm-begin]\ncvm_cluster_pin=x\n'),
    ],
  ])('explains %s, with exit code %i', async (_, code, words, prepare) => {
    prepare();
    for (const command of ['members', 'master', 'status']) {
      expect(await run(command)).toEqual([code, expect.stringContaining(words)]);
    }
  });

  once('ends with 5 when the service does not answer', async () => {
    belongTo(pin, `http://127.0.0.1:${await freePort()}`);
    expect(await run('members')).toEqual([
      5,
      expect.stringContaining('nothing accepts connections'),
    ]);
    expect((await run('members --wait 2 --timeout 1'))[0]).toBe(5);
  });

  once.each(['', 'workers', 'members --wait', 'members --wait 0', 'members --all', 'master now'])(
    'refuses to be called as "%s"',
    async (line) => {
      expect(await run(line)).toEqual([2, expect.stringMatching(/^cernvm-cluster: .*--help\n$/)]);
    },
  );

  once('has a manual page without fault, with every option of its help', async () => {
    const [code, help] = await run('--help');
    expect(code).toBe(0);
    expect(help).toMatch(/^Usage: cernvm-cluster members/);
    const groff = ['-man', '-Tascii', '-ww', '-P-cbou', 'agents/command/cernvm-cluster.1'];
    const { stdout, stderr } = await promisify(execFile)('groff', groff);
    expect(stderr).toBe('');
    for (const [option] of (help as string).matchAll(/--[a-z]+/g)) expect(stdout).toContain(option);
  });
});
