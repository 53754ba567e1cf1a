import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generatePin } from '../../src/clusters/pin.js';
import { type Api, apiOf } from '../support/api.js';
import { CleanUp } from '../support/clean-up.js';
import { Nginx } from '../support/nginx.js';
import { sendRaw } from '../support/raw-http.js';
import { Router } from '../support/router.js';
import { type Service, startService } from '../support/service.js';

const FORWARDED = 'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;';

describe.each(['nginx', 'HAProxy'])('Behind %s, the service', (proxy) => {
  const cleanUp = new CleanUp();
  let service: Service;
  let url: string;
  let api: Api;
  beforeAll(async () => {
    service = cleanUp.add(await startService({ HOST: '::', TRUSTED_PROXIES: '1' }));
    const port = Number(new URL(service.url).port);
    if (proxy === 'nginx') {
      url = `http://127.0.0.1:${cleanUp.add(await Nginx.inFrontOf(port, FORWARDED)).port}`;
    } else {
      const router = cleanUp.add(await Router.to([port]));
      await router.add(port);
      url = router.url;
    }
    api = apiOf(url);
  });
  afterAll(() => cleanUp.run());

  it('serves a path that begins with //, as images in the field ask for it', async () => {
    const pin = await service.issuePin();
    const path = `//api/v1/clusters/${pin}/keys`;
    const body = '{ "key": "master_ip", "value": "10.10.25.5" }';
    const posted = await sendRaw(
      url,
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
    expect(posted).toMatch(/^HTTP\/1.1 201 /);
    const fetched = await sendRaw(
      url,
      `GET ${path}/master_ip HTTP/1.1\r\nHost: x\r\nAccept: text/plain\r\nConnection: close\r\n\r\n`,
    );
    expect(fetched).toMatch(/^HTTP\/1.1 200 /);
    expect(fetched).toContain('master_ip: 10.10.25.5');
  });

  it('holds a wait until the key is there', async () => {
    const pin = await service.issuePin();
    const wait = api(`/clusters/${pin}/keys/master_ready`, { headers: { prefer: 'wait=20' } });
    await delay(500);
    await service.addKey(pin, 'master_ready', 'yes');
    expect((await wait).text).toBe('master_ready: yes');
  });

  it('sees through to its client, and not to what the client says of itself', async () => {
    const guess = (n: number) =>
      api(`/clusters/${generatePin()}`, { headers: { 'x-forwarded-for': `198.51.100.${n}` } });
    const statuses = [];
    for (let n = 0; n < 21; n++) statuses.push((await guess(n)).status);
    expect(statuses.at(-1)).toBe(429);
    // Another client, at another address of this machine, is not throttled with it.
    const { port } = new URL(service.url);
    const other = await fetch(`http://[::1]:${port}/api/v1/clusters/${generatePin()}`);
    expect(other.status).toBe(404);
  });

  it('sees through to a client that comes by IPv6', async () => {
    const throughIpv6 = apiOf(url.replace('127.0.0.1', '[::1]'));
    const guess = (n: number) =>
      throughIpv6(`/clusters/${generatePin()}`, {
        headers: { 'x-forwarded-for': `2001:db8::${n}` },
      });
    const statuses = [];
    for (let n = 1; n < 22; n++) statuses.push((await guess(n)).status);
    expect(statuses[0]).toBe(404); // not throttled together with the client by IPv4
    expect(statuses.at(-1)).toBe(429);
  });
});
