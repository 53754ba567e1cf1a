import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Certificate, createCertificate } from '../support/certificate.js';
import { CleanUp } from '../support/clean-up.js';
import { freePort } from '../support/ports.js';
import { type Service, startService } from '../support/service.js';
import { CommandLine } from '../support/command-line.js';

interface Finding {
  check: string;
  status: string;
  detail: string;
}

describe('doctor', () => {
  const cleanUp = new CleanUp();
  let service: Service;
  let commandLine: CommandLine;
  let certificate: Certificate;

  beforeAll(async () => {
    service = cleanUp.add(await startService());
    certificate = cleanUp.add(await createCertificate());
    const settings = { PAIRING_URL: service.url, PAIRING_TOKEN: await service.token() };
    commandLine = cleanUp.add(new CommandLine(settings));
  });
  afterAll(() => cleanUp.run());

  const examine = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
    const { stdout, code } = await commandLine.run(['doctor', '--json', ...args], env);
    const findings = JSON.parse(stdout) as Finding[];
    const of = (check: string) => findings.find((finding) => finding.check === check)!;
    return { of, code, checks: findings.map(({ check, status }) => `${check}: ${status}`) };
  };
  /** In front of the service: TLS, or another clock, or something else altogether. */
  const inFront = async (server: NetServer) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUp.add({
      close: () => {
        (server as Server).closeAllConnections();
        server.close();
      },
    });
    return String((server.address() as AddressInfo).port);
  };
  const health = (headers: Record<string, string> = {}, status = 'up') =>
    [200, { 'content-type': 'application/json', ...headers }, `{"status":"${status}"}`] as const;
  type Answer = readonly [status: number, headers: Record<string, string>, body: string];
  const answering =
    ([status, headers, body]: Answer): ConstructorParameters<typeof Server>[1] =>
    (_request, response) =>
      response.writeHead(status, headers).end(body);

  it('finds all well where it is, and the PIN alive', async () => {
    const { checks, code, of } = await examine([await service.issuePin()]);
    expect(checks).toEqual([
      'name: ok',
      'certificate: warning', // plain http
      'service: ok',
      'clock: ok',
      'version: ok',
      'sign-in: ok',
      'PIN: ok',
    ]);
    expect(of('PIN').detail).toMatch(/^issued, good for \d+ h \d+ min more$/);
    expect(code).toBe(0);
  });

  it('prints a line for each check', async () => {
    const { stdout, stderr, code } = await commandLine.run(['doctor', 'abcdefghijkl']);
    expect(stdout).toMatch(/^ok +name +127\.0\.0\.1/);
    expect(stdout).toMatch(/\nfailed +PIN +unknown, or its cluster has ended\n$/);
    expect(stderr).toBe('cernvm-pairing: 1 of 7 checks failed.\n');
    expect(code).toBe(1);
  });

  it('needs no sign-in, as machines need none', async () => {
    const { of, code } = await examine([], { PAIRING_TOKEN: '' });
    expect(of('sign-in').status).toBe('warning');
    expect(code).toBe(0);
  });

  it('finds that nothing answers', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { of, code } = await examine([], { PAIRING_URL: url });
    expect(of('service').detail).toMatch(/^Nothing accepts connections/);
    expect(code).toBe(1);
  });

  it('finds that a name cannot be resolved', async () => {
    const { of } = await examine([], { PAIRING_URL: 'http://pairing.invalid' });
    expect(of('name').status).toBe('failed');
  });

  it.each<[string, Answer, string]>([
    ['a redirect', [302, { location: 'https://elsewhere.example.org/' }, ''], 'use that address'],
    ['another server', [200, {}, '<html>'], 'something else answers (HTTP 200)'],
    ['a service without storage', health({}, 'down'), 'is not ready'],
  ])('finds %s', async (_, answer, words) => {
    const port = await inFront(createServer(answering(answer)));
    const { of } = await examine([], { PAIRING_URL: `http://127.0.0.1:${port}` });
    expect(of('service')).toEqual({
      check: 'service',
      status: 'failed',
      detail: expect.stringContaining(words),
    });
  });

  it.each([
    ['behind', 3600_000],
    ['ahead of', -3600_000],
  ])('finds a clock %s that of the service', async (side, offset) => {
    const date = new Date(Date.now() + offset).toUTCString();
    const port = await inFront(createServer(answering(health({ date }))));
    const { of } = await examine([], { PAIRING_URL: `http://127.0.0.1:${port}` });
    expect(of('clock').status).toBe('failed');
    expect(of('clock').detail).toMatch(new RegExp(`^(1 h 0|59) min.* ${side} the service`));
  });

  describe('over TLS', () => {
    let url: string;
    const tls = async (options: object = {}) => {
      const key = await readFile(certificate.keyFile);
      const cert = await readFile(certificate.certFile);
      const server = createTlsServer({ key, cert, ...options }, answering(health()));
      return `https://127.0.0.1:${await inFront(server)}`;
    };
    beforeAll(async () => {
      url = await tls();
    });

    it('finds a certificate that this host does not trust', async () => {
      const { of } = await examine([], { PAIRING_URL: url });
      expect(of('certificate').detail).toContain('not trusted by this host');
      expect(of('TLS 1.2').status).toBe('ok');
    });

    it('finds that the bundle of an image trusts it', async () => {
      const args = ['--ca', certificate.certFile];
      const env = { PAIRING_URL: url, NODE_EXTRA_CA_CERTS: certificate.certFile };
      const { of } = await examine(args, env);
      expect(of('certificate').detail).toContain(`trusted by ${certificate.certFile}`);
      expect(of('service').status).toBe('ok');
    });

    it('finds that the bundle of an image does not, though this host does', async () => {
      const other = cleanUp.add(await createCertificate());
      const env = { PAIRING_URL: url, NODE_EXTRA_CA_CERTS: certificate.certFile };
      const { of, code } = await examine(['--ca', other.certFile], env);
      expect(of('certificate').detail).toContain(`not trusted by ${other.certFile}`);
      expect(code).toBe(1);
    });

    it('finds a service that old images cannot talk to', async () => {
      const env = {
        PAIRING_URL: await tls({ minVersion: 'TLSv1.3' }),
        NODE_EXTRA_CA_CERTS: certificate.certFile,
      };
      const { of } = await examine([], env);
      expect(of('certificate').status).toBe('warning'); // of two days
      expect(of('TLS 1.2').status).toBe('failed');
    });

    it('takes no bundle without a certificate', async () => {
      writeFileSync(commandLine.path('empty.pem'), '\n');
      const { stderr, code } = await commandLine.run([
        'doctor',
        '--ca',
        commandLine.path('empty.pem'),
      ]);
      expect(stderr).toContain('holds no certificate in PEM form');
      expect(code).toBe(2);
    });
  });
});
