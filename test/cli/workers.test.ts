import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Issuance } from '../../client/client.js';
import { CleanUp } from '../support/clean-up.js';
import { CommandLine } from '../support/command-line.js';
import { secrets } from '../support/secrets.js';
import { type Service, startService } from '../support/service.js';

describe('A cluster with a number of workers, in the command line,', () => {
  const cleanUp = new CleanUp();
  let service: Service;
  let commandLine: CommandLine;
  let token: string;
  let pin: string;
  let id: string;

  beforeAll(async () => {
    service = cleanUp.add(await startService());
    token = await service.token();
    const settings = { PAIRING_URL: service.url, PAIRING_TOKEN: token };
    commandLine = cleanUp.add(new CommandLine(settings));
  });
  beforeEach(async () => {
    const headers = { authorization: `Bearer ${token}` };
    const issue = { method: 'POST', headers, json: { workers: 2 } };
    ({ pin } = (await service.api('/clusters', issue)).json as { pin: string });
    const list = (await service.api('/issuances', { headers })).json;
    id = (list as { issuances: Issuance[] }).issuances[0]!.id;
  });
  afterAll(() => cleanUp.run());

  const create = async (...more: string[]) => {
    const { stdout } = await commandLine.run(['create', '--workers', '2', ...more]);
    const issued = stdout.trim();
    secrets.secret('a PIN', issued);
    return issued;
  };
  const join = (name: string, state: string) =>
    service.api(`/clusters/${pin}/members/${name}`, {
      method: 'PUT',
      json: { address: '10.0.0.7', state },
    });
  const masterReady = async () => {
    await service.addKey(pin, 'master_ip', '10.0.0.1');
    await service.addKey(pin, 'master_ready', 'true');
  };

  it('is issued for as many workers and for as long as it is told', async () => {
    pin = await create('--ttl', '1h');
    const { stdout } = await commandLine.run(['show', pin, '--json']);
    const shown = JSON.parse(stdout) as Issuance;
    expect(shown.workers).toEqual({ expected: 2, joined: 0, ready: 0, failed: 0 });
    const left = Date.parse(shown.expiration_time) - Date.now();
    expect(left / 60_000).toBeGreaterThan(58);
    expect(left / 60_000).toBeLessThanOrEqual(60);
  });

  it('has the number in the context of its master, if that has a list of workers', async () => {
    const base = 'x=###WORKER_IPS_PLACEHOLDER###\ny=###MASTER_IP_PLACEHOLDER###\n';
    writeFileSync(commandLine.path('list.txt'), `${base}[ucernvm-begin]\n[ucernvm-end]\n`);
    pin = await create('--context', 'list.txt', '--out', 'out');
    const contextOf = (role: string) =>
      readFileSync(commandLine.path(`out/${role}-context.txt`), 'utf8');
    expect(contextOf('master')).toContain('\ncvm_cluster_workers=2\n');
    expect(contextOf('worker')).not.toContain('cvm_cluster_workers');

    const args = ['context', 'list.txt', '--pin', pin, '--role', 'master'];
    expect((await commandLine.run(args)).stderr).toContain('add cvm_cluster_workers=N');
    const offline = await commandLine.run([...args, '--workers', '7']);
    expect([offline.stdout, offline.stderr]).toEqual([
      expect.stringContaining('\ncvm_cluster_workers=7\n'),
      '',
    ]);
  });

  it.each([
    [['--workers', '0'], 2, 'Give a number from 1 to 5000.'],
    [['--workers', '5001'], 2, 'Give a number from 1 to 5000.'],
    [['--ttl', 'long'], 2, 'Give a time such as 90s, 10m or 2h.'],
    [['--ttl', '5m'], 1, 'Must be '],
    [['--ttl', '48h'], 1, 'Must be '],
  ])('is not issued with %j', async (args, code, words) => {
    const refused = await commandLine.run(['create', ...args]);
    expect([refused.code, refused.stderr]).toEqual([code, expect.stringContaining(words)]);
  });

  it('is listed and shown with the workers that are ready, and with the failed', async () => {
    await join('w1', 'ready');
    await join('w2', 'failed');
    for (const cluster of [pin, id]) {
      const { stdout } = await commandLine.run(['show', cluster]);
      expect(stdout).toMatch(/^Workers +1 of 2, 1 failed \(2 joined\)$/m);
    }
    expect((await commandLine.run(['list'])).stdout).toMatch(/ 1 of 2, 1 failed /);
  });

  it('is complete as soon as so many workers are ready, by its PIN and by its id', async () => {
    await masterReady();
    await join('w1', 'ready');
    const waits = [pin, id].map((cluster) =>
      commandLine.run(['wait', cluster, '--for', 'complete', '--timeout', '60s', '--json']),
    );
    await join('w2', 'waiting');
    await join('w2', 'ready');
    for (const { code, stdout } of await Promise.all(waits)) {
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        workers: { expected: 2, joined: 2, ready: 2, failed: 0 },
        completed_time: expect.any(String),
      });
    }
    const { stdout } = await commandLine.run(['show', id]);
    expect(stdout).toMatch(/^Complete +\d{4}-/m);
  });

  it('is waited for in vain, and what is missing is said', async () => {
    await masterReady();
    await join('w1', 'waiting');
    const waited = await commandLine.run(['wait', pin, '--for', 'complete', '--timeout', '1s']);
    expect(waited.code).toBe(6);
    expect(waited.stderr).toContain('the master is ready, 1 worker has joined, 0 ready.');
  });

  it('is not waited for any longer when its master has failed', async () => {
    const waits = [pin, id].map((cluster) =>
      commandLine.run(['wait', cluster, '--for', 'ready', '--timeout', '60s']),
    );
    await service.addKey(pin, 'master_failed', 'no disk');
    const [byPin, byId] = await Promise.all(waits);
    expect([byPin!.code, byPin!.stderr]).toEqual([
      7,
      expect.stringContaining('The master has failed: no disk'),
    ]);
    expect([byId!.code, byId!.stderr]).toEqual([
      7,
      expect.stringContaining('The master has failed.'),
    ]);
    expect((await commandLine.run(['show', pin])).stdout).toMatch(
      /^State +failed\n[^]*^Reason +no disk$/m,
    );
  });

  it('is watched on a terminal, with a bar that counts up to that number', async () => {
    const terminal = commandLine.onTerminal(['watch', pin]);
    await terminal.shows('0 of 2 workers  ');
    await service.addKey(pin, 'master_ip', '10.0.0.1');
    await join('w1', 'failed');
    await terminal.shows('1 worker has joined, 0 ready, 1 failed');
    await terminal.shows('0 of 2 workers, 1 failed  ');
    await service.addKey(pin, 'master_failed', 'no disk');
    await terminal.shows('master failed: no disk');
    await service.addKey(pin, 'master_ready', 'true');
    await terminal.shows('master ready');
    await join('w1', 'ready');
    await join('w2', 'ready');
    await terminal.shows('complete: 2 workers are ready');
    await terminal.shows('[########################] 2 of 2 workers');
    terminal.interrupt();
    expect(await terminal.end()).toBe(130);
  });
});
