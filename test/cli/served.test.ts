import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CleanUp } from '../support/clean-up.js';
import { type Service, startService } from '../support/service.js';
import { CommandLine, oldestNode } from '../support/command-line.js';

describe('The service', () => {
  const cleanUp = new CleanUp();
  let service: Service;
  let program: Buffer;

  beforeAll(async () => {
    service = cleanUp.add(await startService());
    program = Buffer.from(await (await fetch(`${service.url}/cernvm-pairing`)).arrayBuffer());
  });
  afterAll(() => cleanUp.run());

  it('has the command line, as the build made it, with its SHA-256 on the page', async () => {
    expect(program).toEqual(readFileSync('dist/cli/cernvm-pairing'));
    const sha256 = createHash('sha256').update(program).digest('hex');
    expect(await (await fetch(service.url)).text()).toContain(sha256);
    expect(await (await fetch(`${service.url}/cernvm-pairing.json`)).json()).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      sha256,
      issuer: service.provider.issuer,
      client_id: 'cluster-pairing-cli',
    });
  });

  it('is not asked for the whole again by who has it', async () => {
    const { headers } = await fetch(`${service.url}/cernvm-pairing`);
    const again = await fetch(`${service.url}/cernvm-pairing`, {
      headers: { 'if-none-match': headers.get('etag')! },
    });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('gives a file that runs by itself, wherever it is put', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pairing-served-'));
    cleanUp.add({ close: () => rmSync(folder, { recursive: true }) });
    writeFileSync(join(folder, 'cernvm-pairing'), program);
    chmodSync(join(folder, 'cernvm-pairing'), 0o755);
    const node = oldestNode ?? process.execPath;
    expect(execFileSync(node, ['cernvm-pairing', '--version'], { cwd: folder }).toString()).toMatch(
      /^\d+\.\d+\.\d+\n$/,
    );
  });

  it('has the manual page, which man can show without a complaint', async () => {
    const page = await (await fetch(`${service.url}/cernvm-pairing.1`)).text();
    expect(page).toBe(readFileSync('dist/cli/cernvm-pairing.1', 'utf8'));
    // -ww: every warning.
    const warnings = execFileSync('groff', ['-man', '-Tutf8', '-ww', '-z'], {
      input: page,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    expect(warnings.toString()).toBe('');
  });
});

describe('The command line', () => {
  const cleanUp = new CleanUp();
  let commandLine: CommandLine;
  beforeAll(() => {
    commandLine = cleanUp.add(new CommandLine());
  });
  afterAll(() => cleanUp.run());

  it.each([
    ['newer than it', '99.0.0', true],
    ['older than it', '0.0.1', false],
  ])('advises an update by the version of its service, which is %s', async (_, version, tells) => {
    const newer = cleanUp.add(await serviceOfVersion(version));
    const terminal = commandLine.onTerminal(['revoke', 'abcdefghijkl', '--service', newer.url]);
    expect(await terminal.end()).toBe(0);
    const advice = `The service has version ${version} of this command`;
    expect(terminal.text.includes(`${advice}; this is`)).toBe(tells);
    const onPipe = await commandLine.run(['revoke', 'abcdefghijkl', '--service', newer.url]);
    expect(onPipe.stderr).toBe('');
  });

  it('is an npm package that installs one command', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pairing-npm-'));
    cleanUp.add({ close: () => rmSync(folder, { recursive: true }) });
    const pack = ['pack', join(process.cwd(), 'dist/cli'), '--silent', '--json'];
    const [{ filename, files }] = JSON.parse(
      execFileSync('npm', pack, { cwd: folder, encoding: 'utf8' }),
    ) as [{ filename: string; files: { path: string }[] }];
    expect(files.map(({ path }) => path).toSorted()).toEqual([
      'README.md',
      'cernvm-pairing',
      'cernvm-pairing.1',
      'package.json',
    ]);
    execFileSync('npm', ['install', '--silent', '--offline', '--prefix', folder, filename], {
      cwd: folder,
    });
    const installed = join(folder, 'node_modules/.bin/cernvm-pairing');
    expect(execFileSync(installed, ['--version'], { encoding: 'utf8' })).toMatch(/^\d+\./);
  });
});

/** A service of another version, as far as the command line asks about that. */
async function serviceOfVersion(version: string) {
  const server: Server = createServer((request, response) => {
    if (request.url !== '/cernvm-pairing.json') return response.writeHead(204).end();
    const info = { version, sha256: '', issuer: 'https://issuer.invalid', client_id: null };
    return response.setHeader('content-type', 'application/json').end(JSON.stringify(info));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
