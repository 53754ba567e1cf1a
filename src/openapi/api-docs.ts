import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { StaticFile } from '../http/static-file.js';
import { createDocument } from './document.js';

const { resolve } = createRequire(import.meta.url);

const PAGE = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>CernVM Cluster Pairing: API</title>
<link rel="icon" href="/api/docs/favicon-32x32.png">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script type="module" src="/api/docs/start.js"></script>
</head>
<body><div id="swagger-ui"></div></body>
</html>
`;
const START =
  'SwaggerUIBundle({ url: "/api/docs-json", dom_id: "#swagger-ui", deepLinking: true });\n';

/**
 * Serves Swagger UI at `/api/docs`, and the description at `/api/docs-json` and `/api/docs-yaml`. All files are in
 * memory. `SwaggerModule.setup` is not used, because it opens a file for each request, and clients could exhaust the
 * file descriptors.
 */
export function serveApiDocs(app: NestFastifyApplication): void {
  const script = 'text/javascript; charset=utf-8';
  const files = {
    '/api/docs': new StaticFile('text/html; charset=utf-8', () => PAGE),
    '/api/docs/start.js': new StaticFile(script, () => START),
    '/api/docs/swagger-ui-bundle.js': swaggerUi('swagger-ui-bundle.js', script),
    '/api/docs/swagger-ui.css': swaggerUi('swagger-ui.css', 'text/css; charset=utf-8'),
    '/api/docs/favicon-32x32.png': swaggerUi('favicon-32x32.png', 'image/png'),
    '/api/docs-json': new StaticFile('application/json; charset=utf-8', () =>
      JSON.stringify(createDocument(app)),
    ),
    '/api/docs-yaml': new StaticFile('text/yaml; charset=utf-8', async () => {
      const { dump } = await import('js-yaml'); // half a megabyte, which few need
      return dump(createDocument(app), { skipInvalid: true, noRefs: true });
    }),
  };
  const fastify = app.getHttpAdapter().getInstance();
  for (const [url, file] of Object.entries(files)) {
    fastify.get(url, (request, reply) => file.send(request, reply));
  }
}

function swaggerUi(name: string, type: string): StaticFile {
  return new StaticFile(type, () => readFile(resolve(`swagger-ui-dist/${name}`)));
}
