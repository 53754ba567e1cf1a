import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { asJson } from '../support/api.js';
import { until } from '../support/process.js';

import { type Service, startService } from '../support/service.js';
import { AS_MASTER, contextOf, Machine } from './machine.js';
import { always, type OtherServer, startServer } from './other-server.js';
import { shells, untested } from './shells.js';

const INSTANCE = 'var/lib/cloud/instance';
const WORKER_IPS = '###WORKER_IPS_PLACEHOLDER###';
const asText = { headers: { accept: 'text/plain' } };

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

/** The list of members, as text. */
const listOf = async (pin: string, query = '') =>
  (await service.api(`/clusters/${pin}/members${query}`, asText)).text;
const joinAs = (pin: string, name: string, address: string, state = 'waiting') =>
  service.api(`/clusters/${pin}/members/${name}`, { method: 'PUT', json: { address, state } });
const addMaster = async (pin: string) => {
  await service.addKey(pin, 'master_ip', '10.10.25.5');
  await service.addKey(pin, 'master_ready', 'true');
};

describe.each(shells)('The members of a cluster, with %s:', (shell) => {
  let machine: Machine;
  let other: OtherServer | undefined;
  beforeAll(async () => {
    machine = await Machine.create(shell);
  });
  afterAll(() => machine.remove());
  afterEach(async () => {
    await machine.reset();
    await other?.close();
    other = undefined;
  });

  const once = shell.alone ? it : untested;

  /** What cloud-init's network stage leaves of a context. */
  const stage = (context: string, script = '#!/bin/sh\n') => {
    machine.write(`${INSTANCE}/user-data.txt`, context);
    machine.write(`${INSTANCE}/scripts/part-001`, script, 0o700);
  };
  const called = (name: string) => ({ PAIRING_NAME: name });
  /** The boot went well, whatever the cloud-init of this host says of its own. µCernVM has none. */
  const booted = () => (shell.alone ? {} : machine.stub('cloud-init', 'exit 0'));

  describe('a worker', () => {
    it('joins before it waits, by its host name, and is ready after it has booted', async () => {
      machine.configure({ TRIES: 1000 });
      const pin = await service.issuePin();
      stage(contextOf(pin, service.url));
      const env = { ...booted(), ...machine.stub('uname', 'echo Worker_1.cern.ch') };
      const booting = machine.runService('contextualize', env);
      await until('the worker to join', async () => (await listOf(pin, '?state=waiting')) !== '');
      expect(await listOf(pin)).toBe('127.0.0.1 worker-1.cern.ch\n');
      await addMaster(pin);
      expect((await booting).console).toMatch(/the master is 10\.10\.25\.5/);

      expect(await machine.runService('announce-ready', env)).toEqual({
        console: 'Cluster pairing: announced as ready.\n',
        code: 0,
      });
      expect(await listOf(pin, '?state=ready')).toBe('127.0.0.1 worker-1.cern.ch\n');
    });

    once('has a name also where the host has none', async () => {
      const pin = await service.issuePin();
      await addMaster(pin);
      stage(contextOf(pin, service.url));
      await machine.runService('contextualize', machine.stub('uname', "echo '(none)'"));
      expect(await listOf(pin)).toBe('127.0.0.1 worker-127-0-0-1\n');
    });

    it('is failed if its boot was, and says what failed', async () => {
      const pin = await service.issuePin();
      await addMaster(pin);
      stage(contextOf(pin, service.url));
      await machine.runService('contextualize', called('w1'));
      machine.stub('cloud-init', 'exit 1');
      const units =
        'case "$*" in *"-- *") echo "condor.service loaded failed failed A pool" ;; esac';
      const env = { ...machine.stub('systemctl', units), ...called('w1') };
      const failure = 'cloud-init status is 1, failed units: condor.service';
      expect((await machine.runService('announce-ready', env)).console).toBe(
        `Cluster pairing: announced as failed: ${failure}.\n`,
      );
      const member = await service.api(`/clusters/${pin}/members/w1`, asJson);
      expect(member.json).toMatchObject({ state: 'failed', detail: failure });

      machine.stub('cloud-init', 'exit 0');
      machine.configure({ UNITS: 'slurmd.service' });
      await machine.runService('announce-ready', env);
      expect(await listOf(pin, '?state=ready')).toBe('127.0.0.1 w1\n');
    });

    once('is failed if it found no master', async () => {
      machine.configure({ BUDGET: 1 });
      const pin = await service.issuePin();
      stage(contextOf(pin, service.url));
      await machine.runService('contextualize', called('w1'));
      const { console } = await machine.runService('announce-ready', called('w1'));
      expect(console).toContain('announced as failed: not paired with its master.');
    });

    it('takes another name if a machine behind the same router has its name, and keeps it', async () => {
      const pin = await service.issuePin();
      await addMaster(pin);
      await joinAs(pin, 'node.cern.ch', '10.0.0.7');
      for (let boot = 0; boot < 2; boot++) {
        stage(contextOf(pin, service.url));
        await machine.runService('contextualize', called('node.cern.ch'));
        await machine.runService('announce-ready', { ...booted(), ...called('node.cern.ch') });
      }
      const lines = (await listOf(pin)).trim().split('\n');
      expect(lines).toEqual([
        '10.0.0.7 node.cern.ch',
        expect.stringMatching(/^127\.0\.0\.1 node-[0-9a-f]{5}\.cern\.ch$/),
      ]);
      expect(machine.read(`${INSTANCE}/cluster-member`)).toBe(
        `${pin} ${lines[1]!.split(' ')[1]} 127.0.0.1\n`,
      );
      expect(statSync(machine.file(`${INSTANCE}/cluster-member`)).mode & 0o777).toBe(0o600);
    });

    once('takes another name if a machine at another client address has its name', async () => {
      const pin = await service.issuePin();
      await addMaster(pin);
      const url = service.url.replace('localhost', '127.0.0.1');
      const json = 'Content-Type: application/json';
      // The same own address, and so not another machine by that.
      const body = '{"address":"127.0.0.1","state":"waiting"}';
      const member = `${url}/api/v1/clusters/${pin}/members/node`;
      const curl = [
        '-fsS',
        '--interface',
        '127.0.0.2',
        '-X',
        'PUT',
        '-H',
        json,
        '-d',
        body,
        member,
      ];
      await promisify(execFile)('curl', curl);
      stage(contextOf(pin, url));
      await machine.runService('contextualize', called('node'));
      expect(await listOf(pin)).toMatch(/^127\.0\.0\.1 node\n127\.0\.0\.1 node-[0-9a-f]{5}\n$/);
    });

    once(
      'notices in its second try that another machine took its name at the same moment',
      async () => {
        machine.configure({ TRIES: 1000, WAIT: 1 });
        const pin = await service.issuePin();
        stage(contextOf(pin, service.url));
        const booting = machine.runService('contextualize', called('node'));
        await until('the worker to join', async () => (await listOf(pin)) !== '');
        await joinAs(pin, 'node', '10.0.0.7');
        await until('the worker to join again', async () => (await listOf(pin)).includes('node-'));
        await addMaster(pin);
        await booting;
        expect(await listOf(pin)).toMatch(/^10\.0\.0\.7 node\n127\.0\.0\.1 node-[0-9a-f]{5}\n$/);
      },
    );

    once('has one name in the bootloader of µCernVM and in the system', async () => {
      const pin = await service.issuePin();
      await addMaster(pin);
      machine.write('etc/machine-id', 'a\n');
      await machine.bootMicroCernVM(contextOf(pin, service.url));
      machine.write('mnt/.rw/context/ami-contextualized', machine.read('ami-contextualized'));
      stage(contextOf(pin, service.url));
      await machine.runService('contextualize', called('another-name'));
      await machine.runService('announce-ready', called('another-name'));
      expect((await listOf(pin)).trim().split('\n')).toHaveLength(1);
      expect(await listOf(pin, '?state=ready')).toBe(await listOf(pin));
    });

    once.each([
      ['has an error', always(500)],
      ['refuses', always(400, '{"code":"invalid-body","detail":"x"}')],
      ['is a page', always(200, '<html>')],
      ['forbids PUT', always(405)],
      ['is unknown', always(404, '{"code":"not-found","detail":"Not found."}')],
    ])('pairs with its master also if the list of members %s', async (_, members) => {
      other = await startServer((request, response) => {
        const { url = '' } = request;
        if (url.includes('/members')) members(request, response);
        else if (url.includes('/keys')) response.end(`${url.split('/').at(-1)}: 10.0.0.1`);
        else response.end('{"pin":"enico1qq0oey"}');
      });
      stage(contextOf('enico1qq0oey', other.url));
      const { console, code } = await machine.runService('contextualize');
      expect(console).toContain('the master is 10.0.0.1');
      expect(code).toBe(0);
    });

    it('boots on at once when its master has failed, and prints the reason', async () => {
      machine.configure({ TRIES: 1000, BUDGET: 600, WAIT: 25 });
      const pin = await service.issuePin();
      await service.addKey(pin, 'master_ip', '10.10.25.5');
      stage(contextOf(pin, service.url));
      const booting = machine.runService('contextualize');
      await until('the worker to join', async () => (await listOf(pin)) !== '');
      await service.addKey(pin, 'master_failed', 'cloud-init status is 1');
      expect(await booting).toEqual({
        console: 'Cluster pairing: gave up: the master has failed: cloud-init status is 1.\n',
        code: 1,
      });
    });
  });

  describe('a master', () => {
    const ASKED = [AS_MASTER, 'cvm_cluster_workers=2'];
    const SCRIPT = `#!/bin/sh\nserve ${WORKER_IPS}\n`;

    it('waits for as many workers as its context asks for, and writes their addresses into it', async () => {
      machine.configure({ TRIES: 1000, BUDGET: 60 });
      const pin = await service.issuePin();
      stage(contextOf(pin, service.url, ...ASKED), SCRIPT);
      const booting = machine.runService('contextualize');
      await joinAs(pin, 'w1', '10.0.0.7');
      await joinAs(pin, 'w2', 'fd00::7');
      expect((await booting).console).toContain(
        'Cluster pairing: the list of 2 workers is complete: 1 placeholder replaced.\n',
      );
      const filled = '#!/bin/sh\nserve 10.0.0.7,fd00::7\n';
      expect(machine.read(`${INSTANCE}/scripts/part-001`)).toBe(filled);

      stage(contextOf(pin, service.url, ...ASKED), SCRIPT);
      expect(await machine.runService('contextualize')).toEqual({
        console:
          'Cluster pairing: the list of workers is that of an earlier boot: 1 placeholder replaced.\n',
        code: 0,
      });
      expect(machine.read(`${INSTANCE}/scripts/part-001`)).toBe(filled);
    });

    once('does the same in the bootloader of µCernVM', async () => {
      const pin = await service.issuePin();
      await joinAs(pin, 'w1', '10.0.0.7');
      await joinAs(pin, 'w2', '10.0.0.8');
      await machine.bootMicroCernVM(`${contextOf(pin, service.url, AS_MASTER)}${WORKER_IPS}\n`, {
        CVM_CLUSTER_PIN: pin,
        CVM_CLUSTER_MASTER: 1,
        CVM_SERVICE_URL: service.url,
        CVM_CLUSTER_WORKERS: 2,
      });
      expect(machine.read('user-data')).toMatch(/\n10\.0\.0\.7,10\.0\.0\.8\n$/);
    });

    once('goes on with those that have joined after half of its budget', async () => {
      machine.configure({ TRIES: 1000, BUDGET: 4, PAUSE: 1, WAIT: 0 });
      const pin = await service.issuePin();
      stage(contextOf(pin, service.url, ...ASKED), SCRIPT);
      await joinAs(pin, 'w1', '10.0.0.7');
      await joinAs(pin, 'w2', '10.0.0.8', 'failed');
      const start = Date.now();
      const { console } = await machine.runService('contextualize');
      expect(Date.now() - start).toBeLessThan(4000);
      expect(console).toContain('gave up: fewer than 2 workers have joined.\n');
      expect(console).toContain('the list has 1 of 2 workers: 1 placeholder replaced.\n');
      expect(machine.read(`${INSTANCE}/scripts/part-001`)).toContain('serve 10.0.0.7\n');
    });

    once('boots on without the list if the service keeps none', async () => {
      other = await startServer(({ url = '', method }, response) => {
        if (url.includes('/members')) response.writeHead(404).end('{"detail":"Not found."}');
        else response.writeHead(method === 'POST' ? 201 : 200).end('{"pin":"enico1qq0oey"}');
      });
      stage(contextOf('enico1qq0oey', other.url, ...ASKED), SCRIPT);
      const { console } = await machine.runService('contextualize');
      expect(console).toContain(`gave up: ${other.url} keeps no list of workers.\n`);
      expect(machine.read(`${INSTANCE}/scripts/part-001`)).toBe(SCRIPT);
      expect((await machine.runService('announce-ready')).code).toBe(0);
    });

    once('accepts no list that has anything else than addresses and names', async () => {
      other = await startServer(({ url = '', method }, response) => {
        if (url.includes('/members')) response.end('10.0.0.7 w1\n$(reboot) w2\n');
        else response.writeHead(method === 'POST' ? 201 : 200).end('{"pin":"enico1qq0oey"}');
      });
      stage(contextOf('enico1qq0oey', other.url, ...ASKED), SCRIPT);
      await machine.runService('contextualize');
      expect(machine.read(`${INSTANCE}/scripts/part-001`)).toBe(SCRIPT);
    });

    once('says that the number of workers is missing', async () => {
      const pin = await service.issuePin();
      stage(`${contextOf(pin, service.url, AS_MASTER)}${WORKER_IPS}\n`, SCRIPT);
      expect((await machine.runService('contextualize')).console).toContain(
        'the context has a placeholder for the workers, but no cvm_cluster_workers.\n',
      );
    });

    it('announces itself with a failed unit, unless that is one that it needs', async () => {
      const pin = await service.issuePin();
      stage(contextOf(pin, service.url, AS_MASTER));
      const units = 'case "$*" in *"-- condor*"*) echo "condor.service loaded failed" ;; esac';
      const env = { ...booted(), ...machine.stub('systemctl', units) };
      await machine.runService('announce-ready', { ...env, PAIRING_UNITS: 'condor* nfs*' });
      expect(await service.keyText(pin, 'master_failed')).toBe(
        'master_failed: failed units: condor.service',
      );
      expect((await machine.runService('announce-ready', env)).code).toBe(0);
      expect(await service.keyText(pin, 'master_ready')).toBe('master_ready: true');
    });
  });

  once.each(['0', '5001', 'many', '-1'])('%s is no number of workers', async (number) => {
    const more = [AS_MASTER, `cvm_cluster_workers=${number}`];
    stage(contextOf('abcdefghijkl', 'http://127.0.0.1:1', ...more));
    expect((await machine.runService('contextualize')).console).toContain(
      'gave up: cvm_cluster_workers is not a number from 1 to 5000.',
    );
  });
});
