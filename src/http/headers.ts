import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from '../config/settings.js';
import { isTextFirst } from './format.js';

/** What every answer carries, errors too: nothing about a cluster may be kept by a cache. */
export async function addHeaders(app: NestFastifyApplication, settings: Settings): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  const strictTransport = settings.hstsSeconds > 0 && `max-age=${settings.hstsSeconds}`;
  await app.register(helmet, { global: false });

  fastify.addHook('onRequest', (request, reply, done) => {
    if (strictTransport) reply.header('strict-transport-security', strictTransport);
    if (!request.url.startsWith('/api/v1/')) {
      void reply.helmet(forBrowsers(request.url));
      return done();
    }
    // Polls are many: they get what guards an answer that is no document, and no more.
    reply.header('cache-control', 'no-store');
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'no-referrer'); // a PIN is in the URL
    reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
    if (isTextFirst(request)) reply.header('vary', 'Prefer, Accept');
    done();
  });
}

/** What pages may do: nothing inline and nothing foreign, but for what Swagger UI cannot do without. */
function forBrowsers(url: string): FastifyHelmetOptions {
  const swagger = url.startsWith('/api/docs');
  return {
    strictTransportSecurity: false, // said above, if at all
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: swagger ? ["'self'", "'unsafe-inline'"] : ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
  };
}
