import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generatePin } from '../../src/clusters/pin.js';
import { freePort } from '../support/ports.js';
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
