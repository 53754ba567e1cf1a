import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generatePin } from '../../src/clusters/pin.js';
import { freePort } from '../support/ports.js';
import { until } from '../support/process.js';
import { type Service, startService } from '../support/service.js';

describe('With HOST=::, as in production, the service', () => {
  let service: Service;
  let metricsPort: number;
  beforeAll(async () => {
    metricsPort = await freePort();
    service = await startService({ HOST: '::', METRICS_PORT: String(metricsPort) });
  });
  afterAll(() => service.stop());

  describe.each(['127.0.0.1', '[::1]'])('at %s', (host) => {
    it.each(['/health/live', '/health/ready', '/'])('answers %s', async (path) => {
      const { port } = new URL(service.url);
      expect((await fetch(`http://${host}:${port}${path}`)).status).toBe(200);
    });

    it.each(['/metrics', '/health/live', '/health/ready'])(
      'answers %s on METRICS_PORT',
      async (path) => {
        expect((await fetch(`http://${host}:${metricsPort}${path}`)).status).toBe(200);
      },
    );

    it('knows clients by their address in its own family', async () => {
      const { port } = new URL(service.url);
      const guess = () => fetch(`http://${host}:${port}/api/v1/clusters/${generatePin()}`);
      const statuses = [];
      for (let n = 0; n < 21; n++) statuses.push((await guess()).status);
      // The other family was not counted, or has not yet been.
      expect(statuses.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 404));
      expect(statuses[20]).toBe(429);
    });
  });
});

describe('With HOST=localhost, the service', () => {
  let service: Service;
  let metricsPort: number;
  beforeAll(async () => {
    metricsPort = await freePort();
    service = await startService({ HOST: 'localhost', METRICS_PORT: String(metricsPort) });
  });
  afterAll(() => service.stop());

  /** A silent connection, if the service listens there. */
  const open = async (host: string) => {
    const socket = connect(Number(new URL(service.url).port), host);
    return once(socket, 'connect').then(
      () => [socket],
      () => [],
    );
  };
  const openConnections = async () => {
    const metrics = await (await fetch(`http://localhost:${metricsPort}/metrics`)).text();
    return Number(/^pairing_connections (\d+)/m.exec(metrics)![1]);
  };

  it('counts and limits the connections of every address that it listens on', async () => {
    const before = await openConnections();
    const sockets = (await Promise.all(['127.0.0.1', '::1'].map(open))).flat();
    expect(sockets).not.toHaveLength(0);
    const all = before + sockets.length;
    await until('all to be counted', async () => (await openConnections()) === all);
    for (const socket of sockets) socket.destroy();
  });

  it('listens on one address, because Fastify opens a second server for this name', async () => {
    const { listenOn } = await import('../../src/config/listen-on.js');
    let address = '';
    await listenOn({ host: 'localhost' }, 'PORT', 1, async (host) => {
      address = host;
    });
    expect(['127.0.0.1', '::1']).toContain(address);
  });

  it('refuses a name that has no address', async () => {
    const { listenOn } = await import('../../src/config/listen-on.js');
    await expect(
      listenOn({ host: 'none.invalid' }, 'PORT', 1, () => Promise.resolve()),
    ).rejects.toThrow('Cannot listen on port 1 of none.invalid: ');
  });
});

describe('Where the kernel has no IPv6', () => {
  it('the service listens on all interfaces of IPv4', async () => {
    // A process in a namespace of its own, where IPv6 is switched off, needs rights that a test may not have.
    const { listenOn } = await import('../../src/config/listen-on.js');
    const tried: string[] = [];
    await listenOn({ host: '::' }, 'PORT', 1, async (host) => {
      tried.push(host);
      if (host === '::') throw Object.assign(new Error('no IPv6'), { code: 'EAFNOSUPPORT' });
    });
    expect(tried).toEqual(['::', '0.0.0.0']);
  });

  it('an address that was set is not replaced', async () => {
    const { listenOn } = await import('../../src/config/listen-on.js');
    const listen = async () => {
      throw Object.assign(new Error('no such address'), { code: 'EADDRNOTAVAIL' });
    };
    await expect(listenOn({ host: '2001:db8::1' }, 'PORT', 1, listen)).rejects.toThrow(
      'Cannot listen on port 1 of 2001:db8::1',
    );
  });
});
