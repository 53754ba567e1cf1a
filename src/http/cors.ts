import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from '../config/settings.js';

/** Lets pages of the configured origins call the API with a token of their own; by default none. */
export function allowOrigins(app: NestFastifyApplication, { corsOrigins }: Settings): void {
  if (corsOrigins.length === 0) return;
  app.enableCors({
    origin: [...corsOrigins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: ['Location', 'Idempotent-Replayed', 'Preference-Applied', 'Retry-After'],
    credentials: false, // the session is for our own page
  });
}
