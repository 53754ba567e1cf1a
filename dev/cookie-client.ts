/** The part of a browser that sign-in needs: cookies and redirects. */
export class CookieClient {
  private readonly jars = new Map<string, Map<string, string>>();

  /** Sends one request with the cookies of its host. Does not follow a redirect. */
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
    }
    return response;
  }

  /** Follows redirects up to the first URL that `isTarget`, and returns it without a visit. */
  async follow(start: string | URL, isTarget: (url: URL) => boolean): Promise<URL> {
    let url = new URL(start);
    while (!isTarget(url)) {
      const response = await this.fetch(url);
      const location = response.headers.get('location');
      if (!location) throw new Error(`${url.origin}${url.pathname} answered ${response.status}.`);
      url = new URL(location, url);
    }
    return url;
  }

  cookies(url: string | URL): Map<string, string> {
    return new Map(this.jar(url));
  }

  setCookie(url: string | URL, name: string, value: string): void {
    this.jar(url).set(name, value);
  }

  // By host and port, unlike a browser: all servers of a test are on localhost.
  private jar(url: string | URL): Map<string, string> {
    const { host } = new URL(url);
    const jar = this.jars.get(host) ?? new Map<string, string>();
    this.jars.set(host, jar);
    return jar;
  }
}
