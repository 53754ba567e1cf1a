import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';
import type { Settings } from '../config/settings.js';

/**
 * The security headers of every answer that is not a page. Caches must not keep answers about a cluster, and the URL
 * has a PIN. The headers are few, because there are many polls.
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

/** The kind of page that a route answers with. Undefined for routes that answer with data. */
type Page = 'page' | 'swagger';

declare module 'fastify' {
  interface FastifyContextConfig {
    page?: Page | undefined;
  }
}

/**
 * Adds the security headers to every answer, errors included. They depend on the route and not on the spelling of the
 * URL. Call it before routes are added.
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

/** The headers of pages: no inline code and no other origins, except inline styles, which Swagger UI needs. */
function forBrowsers({ inlineStyles }: { inlineStyles: boolean }) {
  return helmet({
    strictTransportSecurity: false, // added by `strictTransport`
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
