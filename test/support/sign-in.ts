import { secrets } from './secrets.js';

/** A browser as far as cookies and redirects go. */
export class CookieClient {
  private readonly jars = new Map<string, Map<string, string>>();

  /** One request, with the cookies of its host; redirects are not followed. */
  async fetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
    const jar = this.jar(url);
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: {
        cookie: [...jar].map((pair) => pair.join('=')).join('; '),
        ...(init.headers as Record<string, string>),
      },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(line) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
      secrets.secret('a cookie', value);
    }
    secrets.answer(await response.clone().text());
    return response;
  }

  /** Follows redirects until one leads to a URL that `isTarget`, and gives that unvisited. */
  async follow(start: string | URL, isTarget: (url: URL) => boolean): Promise<URL> {
    let url = new URL(start);
    while (!isTarget(url)) {
      const response = await this.fetch(url);
      const location = response.headers.get('location');
      if (!location) throw new Error(`${url.href} answered ${response.status}.`);
      url = new URL(location, url);
    }
    return url;
  }

  /** Where the service leads to, so that the development provider signs this user in unasked. */
  async authorizationOf(serviceUrl: string, user = 'mcurie', ...roles: string[]): Promise<URL> {
    const { headers } = await this.fetch(`${serviceUrl}/sign-in`);
    const authorization = new URL(headers.get('location')!);
    authorization.searchParams.set('login_hint', user);
    authorization.searchParams.set('roles', roles.join(' '));
    return authorization;
  }

  /** Signs a user in there; gives the callback, unvisited. */
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

  cookies(url: string | URL): Map<string, string> {
    return new Map(this.jar(url));
  }

  setCookie(url: string | URL, name: string, value: string): void {
    this.jar(url).set(name, value);
  }

  // By port as well, unlike a browser: the provider's cookies are not the service's business.
  private jar(url: string | URL): Map<string, string> {
    const { host } = new URL(url);
    const jar = this.jars.get(host) ?? new Map<string, string>();
    this.jars.set(host, jar);
    return jar;
  }
}
