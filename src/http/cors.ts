import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from '../config/settings.js';

/** Allows pages of `CORS_ORIGINS` to call the API with a bearer token. By default there are none. */
export function allowOrigins(app: NestFastifyApplication, { corsOrigins }: Settings): void {
  if (corsOrigins.length === 0) return;
  app.enableCors({
    origin: [...corsOrigins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: ['Location', 'Idempotent-Replayed', 'Preference-Applied', 'Retry-After'],
    credentials: false, // the session cookie is only for our own page
  });
}
