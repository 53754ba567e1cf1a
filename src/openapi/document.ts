import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { BEARER_SCHEME, SESSION_SCHEME } from './decorators.js';

/** The description of the API, generated from the controllers. */
export function createDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('CernVM Cluster Pairing')
    .setVersion('1')
    .setDescription(
      'The virtual machines of a cluster meet here at boot: a person issues a PIN, the master posts its address under it, the workers fetch it. Virtual machines need the PIN and nothing else.',
    )
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addTag('clusters', 'One PIN, one cluster, 24 hours.')
    .addTag('keys', 'What the machines of a cluster tell each other.')
    .addTag('issuances', 'Who was issued what, and what became of it.')
    .addTag('health', 'For probes.')
    .addCookieAuth(
      'session',
      {
        type: 'apiKey',
        in: 'cookie',
        description: 'Sign in at `/sign-in`; your browser does the rest.',
      },
      SESSION_SCHEME,
    )
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, BEARER_SCHEME)
    .build();
  return SwaggerModule.createDocument(app, config);
}
