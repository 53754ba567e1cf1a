import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CleanUp } from '../support/clean-up.js';
import { Nginx } from '../support/nginx.js';
import { freePort } from '../support/ports.js';
import { until } from '../support/process.js';
import { type Service, startProvider, startService } from '../support/service.js';
import { CookieClient } from '../support/sign-in.js';

describe('A service behind nginx that is opened by another name than PUBLIC_URL', () => {
  const cleanUp = new CleanUp();
  let publicUrl: string;
  let otherUrl: string;
  let service: Service;
  let port: number;

  beforeAll(async () => {
    const publicPort = await freePort();
    publicUrl = `http://localhost:${publicPort}`;
    const provider = cleanUp.add(
      await startProvider({ redirectUris: [`${publicUrl}/sign-in/callback`] }),
    );
    port = await freePort();
    service = cleanUp.add(
      await startService(
        { PORT: String(port), PUBLIC_URL: publicUrl, TRUSTED_PROXIES: '1' },
        provider,
      ),
    );
    cleanUp.add(await Nginx.inFrontOf(port, 'proxy_set_header Host $http_host;', publicPort));
    otherUrl = `http://127.0.0.1:${publicPort}`;
  });
  afterAll(() => cleanUp.run());

  const locationOf = async (url: string) =>
    (await new CookieClient().fetch(url)).headers.get('location');

  it('leads the browser there, with the path and the query', async () => {
    expect(await locationOf(`${otherUrl}/`)).toBe(`${publicUrl}/?moved=`);
    expect(await locationOf(`${otherUrl}/?problem=cross-site`)).toBe(
      `${publicUrl}/?problem=cross-site&moved=`,
    );
    expect(await locationOf(`${otherUrl}//evil.example/`)).toBeNull();
  });

  it('can be signed in to from there', async () => {
    const client = new CookieClient();
    const page = await client.fetch(`${otherUrl}/sign-in`);
    const authorization = await client.follow(page.headers.get('location')!, ({ pathname }) =>
      pathname.endsWith('/openid-connect/auth'),
    );
    authorization.searchParams.set('login_hint', 'mcurie');
    const back = await client.fetch(await client.toCallback(authorization));
    expect(back.headers.get('location')).toBe(`${publicUrl}/`);
    expect(await (await client.fetch(publicUrl)).text()).toContain('Signed in as');
  });

  it('serves machines by any name, without a redirect', async () => {
    const key = await fetch(`${otherUrl}/api/v1/clusters/abcdefghijkl/keys/master_ip`, {
      redirect: 'manual',
    });
    expect(key.status).toBe(404);
    expect((await fetch(`${otherUrl}/health/ready`, { redirect: 'manual' })).status).toBe(200);
  });

  it('is not led in circles by a proxy that hides the name, and the log tells the operator', async () => {
    const hiding = cleanUp.add(await Nginx.inFrontOf(port));
    const url = `http://127.0.0.1:${hiding.port}`;
    expect(await locationOf(`${url}/`)).toBe(`${publicUrl}/?moved=`);
    expect((await fetch(`${url}/?moved=`, { redirect: 'manual' })).status).toBe(200);
    await until('the log', () =>
      service.output.includes('the proxy in front must pass on the header Host'),
    );
  });

  it('knows the name that a proxy passes on in X-Forwarded-Host', async () => {
    const forwarding = cleanUp.add(
      await Nginx.inFrontOf(port, `proxy_set_header X-Forwarded-Host ${new URL(publicUrl).host};`),
    );
    const { status } = await fetch(`http://127.0.0.1:${forwarding.port}/`, { redirect: 'manual' });
    expect(status).toBe(200);
  });
});
