import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Issuance } from '../../client/client.js';
import type { Request } from '../support/api.js';
import { CleanUp } from '../support/clean-up.js';
import { Program, until } from '../support/process.js';
import { secrets } from '../support/secrets.js';
import { type Service, startService } from '../support/service.js';
import { CommandLine } from '../support/command-line.js';

const CONTEXT = `[ucernvm-begin]
cvmfs_branch=cernvm-sl7.cern.ch
[ucernvm-end]
master=###MASTER_IP_PLACEHOLDER###
`;
const PIN = /^[a-z0-9]{12}\n$/;

describe('The command line on a pipe', () => {
  const cleanUp = new CleanUp();
  let service: Service;
  let commandLine: CommandLine;
  let token: string;

  beforeAll(async () => {
    service = cleanUp.add(await startService({ ADMIN_ROLE: 'pin-admin' }));
    token = await service.token();
    const settings = { PAIRING_URL: service.url, PAIRING_TOKEN: token };
    commandLine = cleanUp.add(new CommandLine(settings));
    writeFileSync(commandLine.path('base.txt'), CONTEXT);
  });
  afterAll(() => cleanUp.run());

  const run = (...args: string[]) => commandLine.run(args);
  const runJson = async (...args: string[]) =>
    JSON.parse((await run(...args, '--json')).stdout) as Record<string, unknown>;
  /** Starts to watch, and waits for the first line. */
  const watch = async (...args: string[]) => {
    const watching = commandLine.start(['watch', ...args]);
    await until('the first line', () => watching.output.includes('\n'));
    return watching;
  };
  const ask = async (path: string, request: Request = {}) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await service.api(path, { ...request, headers })).json;
  };
  /** Issues a PIN without the command line: a request costs less than a process. */
  const issue = async (description?: string) => {
    const issued = await ask('/clusters', { method: 'POST', json: { description } });
    return (issued as { pin: string }).pin;
  };
  const recordOf = async (pin: string) => {
    const { issuances } = (await ask('/issuances')) as { issuances: Issuance[] };
    return issuances.find(({ hint }) => pin.startsWith(hint))!;
  };
  const idOf = async (pin: string) => (await recordOf(pin)).id;
  /** All that a cluster of one worker does. */
  const formCluster = async (pin: string) => {
    await service.addKey(pin, 'master_ip', '10.0.0.7');
    await service.addKey(pin, 'master_ready', 'true');
    await service.keyText(pin, 'master_ip');
  };

  describe('create', () => {
    it('prints the PIN and nothing else', async () => {
      const { stdout, stderr, code } = await run('create');
      secrets.secret('a PIN', stdout.trim());
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(PIN);
    });

    it('writes both contexts, ready to start and for their owner alone', async () => {
      const args = ['--context', 'base.txt', '--out', 'contexts'];
      const pin = (await run('create', ...args)).stdout.trim();
      secrets.secret('a PIN', pin);
      for (const [role, flag] of [
        ['master', 'yes'],
        ['worker', 'no'],
      ]) {
        const file = commandLine.path(`contexts/${role}-context.txt`);
        expect(readFileSync(file, 'utf8')).toBe(
          CONTEXT.replace(
            '[ucernvm-begin]\n',
            `[ucernvm-begin]\ncvm_cluster_pin=${pin}\ncvm_service_url=${service.url}\ncvm_cluster_master=${flag}\n`,
          ),
        );
        expect(statSync(file).mode & 0o777).toBe(0o600);
      }
    });

    it('reads the context from standard input', async () => {
      const args = ['create', '--context', '-', '--out', 'from-stdin', '--json'];
      const { stdout } = await commandLine.run(args, {}, CONTEXT);
      const created = JSON.parse(stdout) as Record<string, string>;
      secrets.secret('a PIN', created['pin']!);
      expect(created).toEqual({
        pin: expect.stringMatching(/^[a-z0-9]{12}$/),
        creation_time: expect.any(String),
        service_url: service.url,
        master_context: 'from-stdin/master-context.txt',
        worker_context: 'from-stdin/worker-context.txt',
      });
      expect(existsSync(commandLine.path(created['worker_context']!))).toBe(true);
    });

    it.each([
      ['a context without a block', ['--context', 'no-block.txt'], 'has no [ucernvm-begin] line'],
      ['a context that is not text', ['--context', 'binary'], 'is not text in UTF-8'],
      ['a context that is not there', ['--context', 'missing'], 'no such file'],
      ['a folder that is a file', ['--context', 'base.txt', '--out', 'base.txt'], '--out:'],
    ])('issues no PIN for %s', async (_, args, words) => {
      writeFileSync(commandLine.path('no-block.txt'), 'nothing\n');
      writeFileSync(commandLine.path('binary'), Buffer.from([0xff, 0xfe, 0x00]));
      const before = await run('list', '--json', '--limit', '1000');
      const { stdout, stderr, code } = await run('create', ...args);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain(words);
      expect((await run('list', '--json', '--limit', '1000')).stdout).toBe(before.stdout);
    });

    it('gives the PIN away also when the contexts cannot be written', async () => {
      mkdirSync(commandLine.path('taken/worker-context.txt'), { recursive: true });
      const { stdout, stderr, code } = await run(
        'create',
        '--context',
        'base.txt',
        '--out',
        'taken',
      );
      secrets.secret('a PIN', stdout.trim());
      expect(stdout).toMatch(PIN);
      expect(stderr).toContain('The contexts cannot be written');
      expect(code).toBe(1);
    });

    it('warns of a context by which workers would not learn of their master', async () => {
      writeFileSync(commandLine.path('plain.txt'), '[ucernvm-begin]\n[ucernvm-end]\n');
      const { stdout, stderr, code } = await run('create', '--context', 'plain.txt');
      secrets.secret('a PIN', stdout.trim());
      expect(stderr).toContain('workers will not learn');
      expect(code).toBe(0);
    });

    it('says what the service has against a description', async () => {
      const { stderr, code } = await run('create', '--description', 'two\nlines');
      expect(stderr).toContain('line');
      expect(code).toBe(1);
    });
  });

  describe('list', () => {
    it('prints a table, newest first, without PINs', async () => {
      const older = await issue('the older one');
      const newer = (await run('create', '--description', 'the newer one')).stdout.trim();
      secrets.secret('a PIN', newer);
      const { stdout, code } = await run('list', '--limit', '2');
      const [heading, first, second, ...rest] = stdout.split('\n');
      expect(heading).toMatch(/^PIN {4}STATE {3}WORKERS {2}CREATED +UNTIL +ID +DESCRIPTION$/);
      expect(first).toMatch(new RegExp(`^${newer.slice(0, 4)}… .* the newer one$`));
      expect(second).toMatch(new RegExp(`^${older.slice(0, 4)}… .* the older one$`));
      expect(rest).toEqual(['']);
      expect(stdout).not.toContain(newer);
      expect(code).toBe(0);
    });

    it('tells that a cluster has paired while it lives', async () => {
      const pin = await issue();
      await formCluster(pin);
      const id = await idOf(pin);
      await until('the fetch on record', async () => (await recordOf(pin)).fetches === 1);
      expect(await runJson('show', id)).toMatchObject({ fetches: 1 });
      expect((await run('list', '--limit', '1')).stdout).toContain('  ready: paired  1  ');
    });

    it('leaves out what has ended if wanted', async () => {
      const pin = await issue();
      await run('revoke', pin);
      const hints = async (...args: string[]) =>
        ((await runJson('list', ...args)) as unknown as { hint: string }[]).map(({ hint }) => hint);
      expect(await hints()).toContain(pin.slice(0, 4));
      expect(await hints('--live')).not.toContain(pin.slice(0, 4));
    });

    it('reads more pages than one', async () => {
      const user = await service.token('mmany');
      for (let n = 0; n < 103; n++) {
        await service.api('/clusters', {
          method: 'POST',
          headers: { authorization: `Bearer ${user}` },
        });
      }
      const { stdout } = await run('list', '--token', user, '--limit', '500', '--json');
      expect(JSON.parse(stdout)).toHaveLength(103);
    });

    it('shows everyone’s to an admin, and to nobody else', async () => {
      await issue();
      const admin = await service.token('lmeitner', 'pin-admin');
      const shown = await run('list', '--owner', '*', '--token', admin);
      expect(shown.stdout).toMatch(/^OWNER/);
      expect(shown.stdout).toContain('mcurie');
      const refused = await run('list', '--owner', '*');
      expect(refused.code).toBe(3);
      expect(refused.stderr).toContain('lacks the role');
    });
  });

  describe('show', () => {
    it('tells by the PIN how a cluster is, to somebody who has not signed in', async () => {
      const pin = await issue();
      await formCluster(pin);
      await until(
        'the fetch to be counted',
        async () => (await runJson('show', pin))['fetches'] === 1,
      );
      const { stdout, code } = await commandLine.run(['show', pin], { PAIRING_TOKEN: '' });
      expect(stdout).toMatch(/^State +ready\nMaster +10\.0\.0\.7\nWorkers +1\nExpires +\d{4}-/);
      expect(code).toBe(0);
      expect(await runJson('show', pin)).toMatchObject({
        state: 'ready',
        master_address: '10.0.0.7',
        fetches: 1,
        end_reason: null,
      });
    });

    it.each(['id', 'first 4 characters'])('tells what is on record by the %s', async (by) => {
      const pin = await issue('on record');
      const name = by === 'id' ? await idOf(pin) : pin.slice(0, 4);
      const { stdout, code } = await run('show', name);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^PIN +[a-z0-9]{4}…\nState +issued\nDescription +on record\n/);
      expect(stdout).not.toContain(pin);
    });

    it('takes the PIN from the environment, where other users cannot see it', async () => {
      const pin = await issue();
      const { stdout } = await commandLine.run(['show', '--json'], { PAIRING_PIN: pin });
      expect(JSON.parse(stdout)).toMatchObject({ state: 'issued' });
    });

    it('tells that a second machine tried to be the master', async () => {
      const pin = await issue();
      await service.addKey(pin, 'master_ip', '10.0.0.7');
      await service.addKey(pin, 'master_ip', '10.0.0.8');
      expect((await run('show', pin)).stdout).toMatch(/Second masters +1/);
      expect((await run('show', await idOf(pin))).stdout).toContain('second master');
    });

    it('tells that the master was changed', async () => {
      const pin = await issue();
      await service.addKey(pin, 'master_ip', '10.1.2.3');
      await service.api(`/clusters/${pin}/keys/master_ip`, { method: 'DELETE' });
      expect((await run('show', pin)).stdout).toMatch(/Master changed +1: /);
      expect((await run('show', await idOf(pin))).stdout).toContain('master changed');
    });
  });

  describe('watch', () => {
    it('prints a line for each change, until the cluster has ended', async () => {
      const pin = await issue();
      const watching = await watch(pin);
      await service.addKey(pin, 'master_ip', '10.0.0.7');
      await service.addKey(pin, 'master_ready', 'true');
      await service.keyText(pin, 'master_ip');
      await until('the fetch to be told', () => watching.output.includes('1 worker'));
      await service.api(`/clusters/${pin}`, { method: 'DELETE' });
      expect(await watching.ended).toBe(0);
      const lines = watching.output.trim().replaceAll(/^\d\d:\d\d:\d\d {2}/gm, '');
      expect(lines).toMatch(
        /^waiting for the master\nmaster registered: 10\.0\.0\.7\nmaster ready\n1 worker has fetched the master's address\nthe cluster has ended: ended$/,
      );
    });

    it('prints JSON, one object a line', async () => {
      const pin = await issue();
      const watching = await watch(pin, '--json');
      await service.addKey(pin, 'master_ready', 'true');
      await service.api(`/clusters/${pin}`, { method: 'DELETE' });
      await watching.ended;
      const states = watching.output
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { state: string }).state);
      expect(states).toEqual(['issued', 'ready', 'ended']);
    });

    it('follows by the id', async () => {
      const pin = await issue();
      const watching = await watch(await idOf(pin), '--json');
      await service.addKey(pin, 'master_ip', '10.0.0.7');
      await until('the master to be told', () => watching.output.includes('master_registered"'));
      await run('revoke', await idOf(pin));
      expect(await watching.ended).toBe(0);
      expect(watching.output.trim().split('\n').at(-1)).toContain('"end_reason":"revoked"');
    });
  });

  describe('wait', () => {
    it.each<[string, string[]]>([
      ['registered', []],
      ['ready', []],
      ['complete', ['--workers', '1']],
    ])('ends with 0 and in silence when the cluster is %s', async (goal, args) => {
      const pin = await issue();
      const waiting = run('wait', pin, '--for', goal, ...args, '--timeout', '20s');
      await formCluster(pin);
      expect(await waiting).toEqual({ stdout: '', stderr: '', code: 0 });
    });

    it('ends with 6 when the time is up, and says how far it has come', async () => {
      const pin = await issue();
      await service.addKey(pin, 'master_ip', '10.0.0.7');
      const { stderr, code } = await run('wait', pin, '--timeout', '1s');
      expect(stderr).toContain('Not ready within 1 s: the master has registered and is not ready');
      expect(code).toBe(6);
    });

    it('ends with 4 when the cluster ends before', async () => {
      const pin = await issue();
      const waiting = run('wait', pin, '--timeout', '20s');
      const watching = await watch(pin); // which has begun later
      await run('revoke', await idOf(pin));
      await watching.ended;
      const { stderr, code } = await waiting;
      expect(stderr).toContain('The cluster has ended (ended) before it was ready.');
      expect(code).toBe(4);
    });

    it('needs to know how many workers are all', async () => {
      expect((await run('wait', await issue(), '--for', 'complete')).code).toBe(2);
    });
  });

  describe('revoke', () => {
    it.each(['PIN', 'id', 'first 4 characters'])('ends a cluster by the %s', async (by) => {
      const pin = await issue();
      const name = { PIN: pin, id: await idOf(pin) }[by] ?? pin.slice(0, 4);
      expect(await run('revoke', name)).toEqual({ stdout: '', stderr: '', code: 0 });
      expect((await service.api(`/clusters/${pin}`)).status).toBe(404);
    });

    it.each(['-aaaaaaaaaaaaaaaaaaaaa', '--aaaaaaaaaaaaaaaaaaaa'])(
      'takes the id %s, which looks like an option, for an id',
      async (id) => {
        expect((await run('revoke', id, '--json')).code).toBe(4);
      },
    );

    it('does not end the cluster of somebody else', async () => {
      const pin = await issue();
      const other = await service.token('lmeitner');
      const { code } = await run('revoke', await idOf(pin), '--token', other);
      expect(code).toBe(4);
      expect((await service.api(`/clusters/${pin}`)).status).toBe(200);
    });
  });

  describe('context', () => {
    const pin = 'enico1qq0oey';

    it('makes the context of a role, offline', async () => {
      const args = ['context', 'base.txt', '--pin', pin, '--role', 'master'];
      const { stdout, code } = await commandLine.run(args, {
        PAIRING_URL: 'https://nowhere.invalid',
      });
      expect(stdout).toContain(
        `cvm_cluster_pin=${pin}\ncvm_service_url=https://nowhere.invalid\ncvm_cluster_master=yes\n`,
      );
      expect(code).toBe(0);
    });

    it('prints examples, out of which it makes contexts', async () => {
      const { stdout: example } = await run('context', '--example', 'cloud');
      const args = ['context', '-', '--pin', pin, '--role', 'worker'];
      const { stdout } = await commandLine.run(args, {}, example);
      expect(stdout).toContain(`# cvm_cluster_pin=${pin}\n`);
    });

    it.each([
      ['no PIN', ['base.txt', '--role', 'master'], 'Which PIN?'],
      ['no role', ['base.txt', '--pin', pin], 'Give either --role'],
      ['no file', ['--pin', pin, '--role', 'master'], 'Which context?'],
    ])('says what is missing: %s', async (_, args, words) => {
      const { stderr, code } = await run('context', ...args);
      expect(stderr).toContain(words);
      expect(code).toBe(2);
    });
  });

  describe('refuses with a sentence and an exit code', () => {
    it.each<[string, string[], NodeJS.ProcessEnv, number, string]>([
      ['an unknown command', ['lst'], {}, 2, '(Did you mean list?)'],
      ['an unknown option', ['list', '--lve'], {}, 2, '(Did you mean --live?)'],
      ['a bad time', ['wait', 'abcdefghijkl', '--timeout', 'soon'], {}, 2, 'such as 90s'],
      ['no service', ['list'], { PAIRING_URL: '' }, 2, 'Which service?'],
      ['a bad service', ['list'], { PAIRING_URL: 'ftp://x' }, 2, 'is not an address'],
      ['no cluster', ['show'], {}, 2, 'Which cluster?'],
      ['a cluster that cannot be', ['show', 'XYZ'], {}, 2, 'XYZ is neither a PIN'],
      ['no sign-in', ['list'], { PAIRING_TOKEN: '' }, 3, 'Run: cernvm-pairing login'],
      ['a bad token', ['list'], { PAIRING_TOKEN: 'x' }, 3, 'is not valid, or has expired'],
      ['an unknown PIN', ['show', 'abcdefghijkl'], {}, 4, 'There is no such cluster'],
      ['an unknown id', ['show', 'aaaaaaaaaaaaaaaaaaaaaa'], {}, 4, 'None of your living clusters'],
    ])('%s', async (_, args, env, code, words) => {
      const result = await commandLine.run(args, env);
      expect(result.stderr).toContain(words);
      expect([result.code, result.stdout]).toEqual([code, '']);
    });
  });

  it('ends in silence when nobody reads on', async () => {
    const command = `set -o pipefail; ${commandLine.file} list --json --limit 1000 | :`;
    const bash = new Program('bash', ['-c', command], commandLine.env);
    expect(await bash.ended).toBe(0);
    expect(bash.output).toBe('');
  });
});
