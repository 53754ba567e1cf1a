import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SystemClock } from '../../src/clock/clock.js';
import { InProcessService } from '../support/in-process.js';

describe('Other users of the machine', () => {
  let parent: string;
  let dataDir: string;
  let umask: number;
  let service: InProcessService;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'pairing-'));
    dataDir = join(parent, 'data');
    umask = process.umask(0); // the most careless one
  });
  afterEach(async () => {
    process.umask(umask);
    await service.stop();
    await rm(parent, { recursive: true });
  });

  const start = async () => {
    const env = { DATA_DIR: dataDir };
    service = await InProcessService.start(new SystemClock(), env);
    await service.issuePin();
  };
  const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
  const warnings = () => service.log.filter((line) => /"level":40.*"Storage"/.test(line));

  async function expectPrivateFiles(): Promise<void> {
    const files = await readdir(dataDir);
    expect(files).toEqual(expect.arrayContaining(['pairing.sqlite', 'pairing.sqlite-wal']));
    for (const file of files.filter((name) => name !== 'foreign'))
      expect([file, await modeOf(join(dataDir, file))]).toEqual([file, '600']);
  }

  it('can enter neither a DATA_DIR that the service makes, nor read a file in it', async () => {
    await start();
    expect(await modeOf(dataDir)).toBe('700');
    await expectPrivateFiles();
    expect(warnings()).toEqual([]);
  });

  /** As an older version left it. */
  async function makeReadable(): Promise<void> {
    await mkdir(dataDir, { mode: 0o755 });
    for (const file of ['pairing.sqlite', 'pairing.sqlite-wal', 'pairing.sqlite-shm']) {
      await writeFile(join(dataDir, file), '', { mode: 0o644 });
    }
  }

  it('can no longer read what was there before with another mode', async () => {
    await makeReadable();
    await start();
    expect(await modeOf(dataDir)).toBe('700');
    await expectPrivateFiles();
    expect(warnings()).toEqual([]);
  });

  it('can still enter a directory that has other files, too, and the log says so', async () => {
    await makeReadable();
    await writeFile(join(dataDir, 'foreign'), '', { mode: 0o644 });
    await start();
    expect(await modeOf(dataDir)).toBe('755');
    await expectPrivateFiles();
    expect(warnings()).toEqual([expect.stringContaining(`chmod 700 ${dataDir}`)]);
  });

  it('are no reason to refuse a DATA_DIR that is shared with a group, as a volume is', async () => {
    await mkdir(dataDir);
    await chmod(dataDir, 0o2770);
    await start();
    await expectPrivateFiles();
    expect(warnings()).toEqual([]);
  });
});
