import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { adviseOn, examples, renderContext } from '../../context/context.js';
import { bootFieldVm } from '../../dev/field-vm.js';
import { contextOf } from '../../dev/vm.js';
import { Router } from '../support/router.js';
import { type Service, startService } from '../support/service.js';

const PLACEHOLDER = '###MASTER_IP_PLACEHOLDER###';

describe('An unmodified image of the field', () => {
  let service: Service;
  let folder: string;
  let tests = 0;

  beforeAll(async () => {
    service = await startService();
    folder = await mkdtemp(join(tmpdir(), 'pairing-vms-'));
  });
  afterAll(() => service.stop());
  afterAll(() => rm(folder, { recursive: true }));
  beforeEach(() => {
    tests += 1;
  });

  /** The folder of a new machine. */
  const machine = (name: string) => join(folder, `${tests}-${name}`);
  const boot = (name: string, pin: string, options: { master?: boolean; url?: string } = {}) =>
    bootFieldVm(machine(name), contextOf({ pin, url: service.url, ...options }));
  const addresses = Object.values(networkInterfaces()).flatMap((each) =>
    (each ?? []).map(({ address }) => address),
  );

  it('pairs: the address of the master gets into both contexts of workers that waited', async () => {
    const pin = await service.issuePin();
    const workers = [1, 2, 3].map((n) => boot(`worker${n}`, pin));
    const master = boot('master', pin, { master: true });
    expect(await master.console).toBe('bootloader: done\n');

    const address = (await service.keyText(pin, 'master_ip')).replace('master_ip: ', '');
    expect(addresses).toContain(address);
    expect(workers.map(({ process }) => process.exitCode)).toEqual([null, null, null]);

    expect(await master.announceReady().console).toBe('announce-ready: done\n');
    expect(await service.keyText(pin, 'master_ready')).toBe('master_ready: yes');
    const expected = contextOf({ pin, url: service.url }).replace(PLACEHOLDER, address);
    for (const worker of workers) {
      expect(await worker.console).toBe('bootloader: done\n');
      expect(await worker.contextualize().console).toBe('contextualize: done\n');
      expect(await readFile(worker.userData, 'utf8')).toBe(expected);
      expect(await readFile(worker.instanceData, 'utf8')).toBe(expected);
    }
  });

  it('takes a master that posts again, as after a lost answer', async () => {
    const pin = await service.issuePin();
    for (const name of ['first', 'retry']) {
      expect(await boot(name, pin, { master: true }).console).toContain('done');
    }
  });

  it('gives up and goes on booting when the PIN is unknown, its context untouched', async () => {
    const context = contextOf({ pin: 'abcdefghijkl', url: service.url });
    const worker = bootFieldVm(machine('lost'), context, { second: 0.0001 });
    expect(await worker.console).toContain('given up, boot goes on');
    expect(await readFile(worker.userData, 'utf8')).toBe(context);
  });

  describe('reads a block only in one form:', () => {
    const context = (pin: string) => contextOf({ pin, url: service.url, master: true });
    const second = 0.0001;

    it.each<[string, (context: string) => string | Buffer]>([
      ['as it is written', (text) => text],
      ['gzip as a whole', (text) => gzipSync(text)],
      ['keys in any case', (text) => text.replace('cvm_cluster_pin', 'CVM_Cluster_Pin')],
      ['a flag as On', (text) => text.replace('=yes', '=On')],
      ['a slash after the URL', (text) => text.replace(/(cvm_service_url=.*)/, '$1/')],
      ['as a part of a multipart', (text) => `MIME-Version: 1.0\n\n--b\n\n${text}--b--\n`],
    ])('%s, a master registers', async (_, form) => {
      const pin = await service.issuePin();
      await bootFieldVm(machine('vm'), form(context(pin)), { second }).console;
      expect(await service.keyText(pin, 'master_ip')).toMatch(/^master_ip: /);
    });

    it.each<[string, (context: string) => string]>([
      ['in comments', (text) => text.replace(/^/gm, '# ')],
      ['with the line ends of Windows', (text) => text.replaceAll('\n', '\r\n')],
      ['with a margin', (text) => text.replace(/^/gm, '  ')],
      ['with a blank after [ucernvm-begin]', (text) => text.replace('begin]', 'begin] ')],
      ['with blanks around =', (text) => text.replaceAll('=', ' = ')],
      ['after a byte-order mark', (text) => `\ufeff${text.slice(text.indexOf('[ucernvm'))}`],
      ['after another [ucernvm-end]', (text) => `[ucernvm-end]\n${text}`],
      ['cut off in the line of the PIN', (text) => text.replace(/(cvm_cluster_pin=\w+)[^]*/, '$1')],
      ['in base64', (text) => Buffer.from(text).toString('base64')],
    ])('%s, nothing is sent', async (_, form) => {
      const pin = await service.issuePin();
      await bootFieldVm(machine('vm'), form(context(pin)), { second }).console;
      expect(await service.keyText(pin, 'master_ip')).toBe('');
    });
  });

  it.each<[string, (base: string) => string]>([
    ['in the comments of cloud-config', () => examples['cloud']!],
    ['with the line ends of Windows', (base) => base.replaceAll('\n', '\r\n')],
    ['with a margin', (base) => `a: |\n${base.replace(/^/gm, '  ')}`],
    ['after a no-break space', (base) => base.replace('[ucernvm-begin]', '\u00a0$&')],
    [
      'in a part in base64',
      (base) =>
        'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n' +
        `Content-Transfer-Encoding: base64\n\n${Buffer.from(base).toString('base64')}\n--b--\n`,
    ],
  ])('reads a block that is %s in the form that the page offers for it', async (_, form) => {
    let base = form(examples['amiconfig']!);
    for (const { fix } of adviseOn(base)) if (fix) base = fix.apply();
    const pin = await service.issuePin();
    const master = renderContext(base, 'master', { pin, serviceUrl: service.url });
    if ('problem' in master) throw new Error(master.problem);
    await bootFieldVm(machine('vm'), master.text, { second: 0.0001 }).console;
    expect(await service.keyText(pin, 'master_ip')).toMatch(/^master_ip: /);
  });

  describe('in an outage that begins when its operating system calls,', () => {
    let router: Router;
    const port = () => Number(new URL(service.url).port);
    beforeEach(async () => {
      router = await Router.to([port()]);
      await router.add(port());
    });
    afterEach(() => router.stop());

    /** A master that has registered, and a worker that has its address in its first context. */
    const paired = async (second: number) => {
      const pin = await service.issuePin();
      const context = (master: boolean) => contextOf({ pin, url: router.url, master });
      const master = bootFieldVm(machine('master'), context(true), { second });
      await master.console;
      return {
        pin,
        master,
        async worker() {
          await service.addKey(pin, 'master_ready', 'yes');
          const worker = bootFieldVm(machine('worker'), context(false), { second });
          await worker.console;
          return worker;
        },
      };
    };
    const after = async (ms: number, action: () => Promise<void>) => {
      await delay(ms);
      await action();
    };

    it('a master is announced if the outage ends within 3 min 45 s', async () => {
      const { pin, master } = await paired(0.01);
      await router.remove(port());
      const announcing = master.announceReady();
      await after(2200, () => router.add(port())); // 220 seconds of the field
      expect(await announcing.console).toBe('announce-ready: done\n');
      expect(await service.keyText(pin, 'master_ready')).toBe('master_ready: yes');
    });

    it('a master that was refused ten times is never announced again', async () => {
      const { pin, master } = await paired(0.0001);
      await router.remove(port());
      expect(await master.announceReady().console).toBe('announce-ready: given up, boot goes on\n');
      await router.add(port());
      expect(await master.announceReady().console).toBe('');
      expect(await service.keyText(pin, 'master_ready')).toBe('');
    });

    it('a cluster whose master was not announced forms after its owner runs the command of the runbook', async () => {
      const { pin } = await paired(0.0001);
      const context = contextOf({ pin, url: router.url });
      const worker = bootFieldVm(machine('worker'), context, { second: 0.01 });
      const [, line = ''] = /^ {2}(curl .*master_ready.*)$/m.exec(
        readFileSync('docs/operations.md', 'utf8'),
      )!;
      await promisify(execFile)(
        'sh',
        ['-c', line.replace('https://pairing.example.org', router.url)],
        {
          env: { ...process.env, PIN: pin },
        },
      );
      expect(await worker.console).toBe('bootloader: done\n');
    });

    it('a worker fills in its second context if the outage ends within a minute', async () => {
      const worker = await (await paired(0.02)).worker();
      await router.remove(port());
      const contextualizing = worker.contextualize();
      await after(1100, () => router.add(port())); // 55 seconds of the field
      expect(await contextualizing.console).toBe('contextualize: done\n');
      expect(await readFile(worker.instanceData, 'utf8')).not.toContain(PLACEHOLDER);
    });

    it('a worker that was refused five times never fills it in', async () => {
      const worker = await (await paired(0.0001)).worker();
      await router.remove(port());
      expect(await worker.contextualize().console).toContain('given up');
      await router.add(port());
      expect(await worker.contextualize().console).toBe('');
      expect(await readFile(worker.instanceData, 'utf8')).toContain(PLACEHOLDER);
      expect(await readFile(worker.userData, 'utf8')).not.toContain(PLACEHOLDER);
    });
  });
});
