import type { RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createCertificate } from '../support/certificate.js';
import { freePort } from '../support/ports.js';
import { until } from '../support/process.js';
import { AS_MASTER, contextOf, Machine, PLACEHOLDER } from './machine.js';
import {
  always,
  holdingService,
  type OtherServer,
  pairedWith,
  startServer,
} from './other-server.js';
import { shells } from './shells.js';

const PIN = 'enico1qq0oey';
const NOT_FOUND = always(404, '{"detail":"Not found."}', { 'content-type': 'application/json' });

/** The first answer says so much and the connection ends. */
const brokenOff: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-length': 100 });
  response.write('master_ready: t', () => response.destroy());
};
const endless: RequestListener = (_request, response) => {
  const timer = setInterval(() => response.write('x'.repeat(65536)), 1);
  response.on('close', () => clearInterval(timer));
};

describe.each(shells)('A machine with %s, when the service', (shell) => {
  let machine: Machine;
  let server: OtherServer | undefined;
  beforeAll(async () => {
    machine = await Machine.create(shell);
  });
  afterAll(() => machine.remove());
  afterEach(async () => {
    await machine.reset();
    await server?.close();
    server = undefined;
  });

  const boot = async (answer: RequestListener, ...more: string[]) => {
    server = await startServer(answer);
    return machine.bootMicroCernVM(contextOf(PIN, server.url, ...more));
  };
  const contextIsUntouched = (...more: string[]) =>
    expect(machine.read('user-data')).toBe(contextOf(PIN, server!.url, ...more));

  it.each<[string, RequestListener, string]>([
    ['answers with a page', always(200, '<html>Welcome</html>'), 'not as the pairing service does'],
    [
      'answers with garbage',
      always(200, '\u0000\u0001\n\n\u0007'),
      'not as the pairing service does',
    ],
    ['answers with nothing', always(200), 'not as the pairing service does'],
    ['breaks off an answer', brokenOff, 'broke off'],
    ['hangs up', (request) => request.socket.destroy(), 'broke off (curl 52)'],
    ['never ends its answer', endless, 'sends more than the pairing service would'],
    ['redirects', always(301, '', { location: 'https://other/' }), 'redirects to https://other/'],
    ['has a page for a 404', always(404, '<html>'), 'there is no pairing service'],
    ['throttles', always(429), 'too many requests with unknown PINs'],
    ['is not available', always(503), 'not available at the moment'],
    ['fails', always(500), 'answers HTTP 500'],
  ])('%s, prints why once, gives up after the last try, and boots on', async (_, answer, words) => {
    const lines = (await boot(answer)).split('\n');
    expect(lines.slice(0, -2)).toEqual([
      expect.stringMatching(/^\[INF\] Cluster pairing: .*; trying again\.$/),
      expect.stringMatching(/^\[INF\] Cluster pairing: gave up: /),
    ]);
    expect(lines[0]).toContain(words);
    expect(lines.at(-2)).toBe('boot goes on');
    contextIsUntouched();
  });

  it('never answers, gives up in time', async () => {
    machine.configure({ BUDGET: 2, TRIES: 1000 });
    const start = Date.now();
    expect(await boot(() => undefined)).toMatch(
      /gave up: no answer from .* in time\.\nboot goes on\n$/,
    );
    expect(Date.now() - start).toBeLessThan(6000);
    contextIsUntouched();
  });

  it('is not there, prints that nothing accepts connections', async () => {
    const console = await machine.bootMicroCernVM(
      contextOf(PIN, `http://127.0.0.1:${await freePort()}`),
    );
    expect(console).toContain('nothing accepts connections');
  });

  it('has a certificate that the bundle does not know, prints so and names the bundle', async () => {
    const ours = await createCertificate();
    const other = await createCertificate();
    const tls = createTlsServer({
      cert: readFileSync(ours.certFile),
      key: readFileSync(ours.keyFile),
    });
    await once(tls.listen(0, '127.0.0.1'), 'listening');
    const { port } = tls.address() as AddressInfo;
    machine.write('etc/cernvm/ca-bundle.crt', readFileSync(other.certFile));
    const console = await machine.bootMicroCernVM(contextOf(PIN, `https://127.0.0.1:${port}`));
    expect(console).toMatch(/TLS: the certificate of https:.* is not trusted by .*ca-bundle\.crt/);
    tls.close();
    for (const { certFile } of [ours, other]) await rm(dirname(certFile), { recursive: true });
  });

  it.each([
    ['sed would read', '1/&/e reboot'],
    ['the shell would read', '$(touch owned)`touch owned`'],
    ['ends in a backslash', '10.0.0.1\\'],
    ['has two lines', '10.0.0.1\n10.0.0.2'],
    ['YAML would read', '[a, b]'],
    ['is a bare dash', '-'],
    ['is blank', ' '],
  ])('has an address that %s, does not take it', async (_, value) => {
    expect(await boot(pairedWith(value))).toMatch(/gave up: .*\nboot goes on\n$/);
    contextIsUntouched();
  });

  it.each(['10.10.25.5', 'fd00::1', 'master.cern.ch'])(
    'has the address %s, takes it',
    async (address) => {
      expect(await boot(pairedWith(address))).toContain(`the master is ${address}`);
      expect(machine.read('user-data')).toBe(
        contextOf(PIN, server!.url).replace(PLACEHOLDER, address),
      );
      const forKeys = server!.requests.filter(({ url }) => url!.includes('/keys/'));
      expect(forKeys).toHaveLength(2);
      expect(new Set(forKeys.map(({ socket }) => socket)).size).toBe(1);
    },
  );

  it('asks to wait, waits at least as long', async () => {
    let refused = false;
    const answer: RequestListener = (request, response) => {
      if (refused) return pairedWith('10.0.0.1')(request, response);
      refused = request.url!.endsWith('master_ip');
      response.writeHead(503, { 'retry-after': '1' }).end();
    };
    const start = Date.now();
    expect(await boot(answer)).toContain(
      'not available at the moment (HTTP 503), asked to wait 1 s',
    );
    expect(Date.now() - start).toBeGreaterThan(950);
    expect(machine.read('user-data')).toContain('10.0.0.1');
  });

  it('asks to wait for longer than boot may be delayed, does not wait at all', async () => {
    const start = Date.now();
    expect(await boot(always(429, '', { 'retry-after': '3600' }))).toContain('gave up');
    expect(Date.now() - start).toBeLessThan(5000);
  });

  it('holds requests, is asked again without a pause, and the worker knows at once', async () => {
    machine.configure({ TRIES: 2, PAUSE: 9 });
    const service = holdingService('10.10.25.5');
    const booting = boot(service.listener);
    await until('a second held request', () => {
      const asked = server?.requests.filter(({ url }) => url?.endsWith('master_ready')) ?? [];
      return asked.length > 1 && service.held.size > 0;
    });
    service.becomeReady();
    const start = Date.now();
    expect(await booting).toMatch(/not ready yet; waiting\.\n.*the master is 10\.10\.25\.5/);
    expect(Date.now() - start).toBeLessThan(2000);
    const asked = server!.requests.find(({ url }) => url?.endsWith('master_ready'));
    expect(asked!.headers.prefer).toBe('wait=1');
  });

  it('only says that it holds requests, is not asked more often than any other', async () => {
    const answer: RequestListener = ({ url }, response) => {
      if (!url!.includes('/keys')) response.end('{"pin":"enico1qq0oey"}');
      else response.writeHead(404, { 'preference-applied': 'wait=1' }).end();
    };
    expect(await boot(answer)).toContain('gave up: the master is not ready yet');
    expect(server!.requests.filter(({ url }) => url?.endsWith('master_ready'))).toHaveLength(2);
  });

  it('lost its answer to a registration, finds that the address is its own', async () => {
    const answer: RequestListener = ({ method }, response) => {
      if (method === 'POST') response.writeHead(409).end();
      else response.end('master_ip: 127.0.0.1');
    };
    expect(await boot(answer, AS_MASTER)).toContain("registered 127.0.0.1 as the master's address");
  });

  const json = { 'content-type': 'application/json' };

  it.each<[string, RequestListener, string[]]>([
    ['a page for a bad request', always(400, '<html>Bad Request</html>'), []],
    ['the 404 of something else', always(404, '{"detail":"Not Found"}', json), []],
    ['another 404 of something else', always(404, '{"error":"not-found","code":404}', json), []],
    ['a page for a master', always(400, '<html>Bad Request</html>'), [AS_MASTER]],
    ['a page for a conflict', always(409, '<html>Conflict</html>'), [AS_MASTER]],
    ['a conflict of something else', always(409, '{"detail":"Conflict"}'), [AS_MASTER]],
    ['a 404 of something else for a master', always(404, '{"detail":"Not Found"}'), [AS_MASTER]],
  ])('is not there, and %s is, tries on as images in the field do', async (_, answer, more) => {
    const console = await boot(answer, ...more);
    expect(console).toMatch(/(there is no pairing service|HTTP 409).*; trying again\.\n/);
    const paths = server!.requests.map(({ url }) => url!);
    const first = paths.filter((path) => path.endsWith(more.length ? '/keys' : '/master_ready'));
    expect(first).toHaveLength(2); // as many tries as the test has
    contextIsUntouched(...more);
  });

  it.each<[string, RequestListener]>([
    ['today', always(400, '{"title":"Bad Request","code":"invalid-body"}', json)],
    ['before', always(400, '{"value":["Too long."]}', json)],
  ])('refuses what a master sends, as the service of %s does, is asked once', async (_, answer) => {
    expect(await boot(answer, AS_MASTER)).toContain('gave up: the service refuses');
    expect(server!.requests).toHaveLength(1);
  });

  it('does not know the PIN of a master, prints so once and boots on', async () => {
    const lines = (await boot(NOT_FOUND, AS_MASTER)).trim().split('\n');
    expect(lines).toEqual([
      expect.stringContaining('gave up: the service does not know this PIN'),
      'boot goes on',
    ]);
    expect(server!.requests).toHaveLength(1);
  });
});
