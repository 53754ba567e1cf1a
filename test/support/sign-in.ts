import { CookieClient as PlainClient } from '../../dev/cookie-client.js';
import { secrets } from './secrets.js';

/** A client that signs in, and records its cookies as secrets. */
export class CookieClient extends PlainClient {
  override async fetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
    const response = await super.fetch(url, init);
    for (const value of this.cookies(url).values()) secrets.secret('a cookie', value);
    secrets.answer(await response.clone().text());
    return response;
  }

  /** The authorization URL of the service, with hints that let the provider sign this user in without a form. */
  async authorizationOf(serviceUrl: string, user = 'mcurie', ...roles: string[]): Promise<URL> {
    const { headers } = await this.fetch(`${serviceUrl}/sign-in`);
    const authorization = new URL(headers.get('location')!);
    authorization.searchParams.set('login_hint', user);
    authorization.searchParams.set('roles', roles.join(' '));
    return authorization;
  }

  /** Signs a user in at the provider, and returns the callback URL without a visit. */
  async callbackOf(serviceUrl: string, user?: string, ...roles: string[]): Promise<URL> {
    return this.toCallback(await this.authorizationOf(serviceUrl, user, ...roles));
  }

  async toCallback(authorization: URL): Promise<URL> {
    const callback = await this.follow(
      authorization,
      ({ pathname }) => pathname === '/sign-in/callback',
    );
    for (const name of ['code', 'state']) {
      secrets.secret(`the ${name} of a sign-in`, callback.searchParams.get(name) ?? '');
    }
    return callback;
  }

  async signIn(serviceUrl: string, user?: string, ...roles: string[]): Promise<Response> {
    return this.fetch(await this.callbackOf(serviceUrl, user, ...roles));
  }
}
