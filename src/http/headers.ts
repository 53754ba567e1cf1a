import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';
import type { Settings } from '../config/settings.js';

/** What every answer carries, errors too: nothing about a cluster may be kept by a cache. */
export function addHeaders(fastify: FastifyInstance, settings: Settings): void {
  const strictTransport = settings.hstsSeconds > 0 && `max-age=${settings.hstsSeconds}`;
  const guardPage = forBrowsers({ inlineStyles: false });
  const guardSwagger = forBrowsers({ inlineStyles: true });

  fastify.addHook('onRequest', (request, reply, done) => {
    if (strictTransport) reply.header('strict-transport-security', strictTransport);
    if (!request.url.startsWith('/api/v1/')) {
      const guard = request.url.startsWith('/api/docs') ? guardSwagger : guardPage;
      return guard(request.raw, reply.raw, () => done());
    }
    // Polls are many: they get what guards an answer that is no document, and no more.
    reply.header('cache-control', 'no-store');
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'no-referrer'); // a PIN is in the URL
    reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
    done();
  });
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
