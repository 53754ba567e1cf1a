import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';
import type { Settings } from '../config/settings.js';

/**
 * What guards every answer that is no page: no cache may keep what is about a cluster, and a PIN is in the URL.
 * Polls are many, so it is no more than that.
 */
export function apiHeaders(settings: Pick<Settings, 'hstsSeconds'>): Record<string, string> {
  return {
    ...strictTransport(settings),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  };
}

/** What kind of browser page a route answers with; none, where it answers with data. */
type Page = 'page' | 'swagger';

declare module 'fastify' {
  interface FastifyContextConfig {
    page?: Page | undefined;
  }
}

/**
 * Puts on every answer what guards it, errors too. It follows the route that answers, whichever way its
 * URL is spelled. Call it before routes are added.
 */
export function addHeaders(fastify: FastifyInstance, settings: Settings): void {
  const forApi = Object.entries(apiHeaders(settings));
  const forPages = strictTransport(settings);
  const guards = {
    page: forBrowsers({ inlineStyles: false }),
    swagger: forBrowsers({ inlineStyles: true }),
  };

  fastify.addHook('onRoute', (route) => {
    route.config = { ...route.config, page: pageOf(route.url) };
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    const { page } = request.routeOptions.config;
    if (page !== undefined) {
      reply.headers(forPages);
      return guards[page](request.raw, reply.raw, () => done());
    }
    for (const [name, value] of forApi) reply.header(name, value);
    done();
  });
}

function pageOf(route: string): Page | undefined {
  if (route === '/api/docs') return 'swagger';
  return /^\/(api\/(v1|docs-)|health)/.test(route) ? undefined : 'page';
}

function strictTransport({ hstsSeconds }: Pick<Settings, 'hstsSeconds'>): Record<string, string> {
  return hstsSeconds > 0 ? { 'strict-transport-security': `max-age=${hstsSeconds}` } : {};
}

/** What pages may do: nothing inline and nothing foreign, but for the styles Swagger UI cannot do without. */
function forBrowsers({ inlineStyles }: { inlineStyles: boolean }) {
  return helmet({
    strictTransportSecurity: false, // said above, if at all
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: inlineStyles ? ["'self'", "'unsafe-inline'"] : ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
  });
}
