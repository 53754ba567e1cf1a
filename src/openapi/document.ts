import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { Settings } from '../config/settings.js';
import { BEARER_SCHEME, SSO_SCHEME } from './decorators.js';

const SCOPES = { openid: 'who you are', profile: 'your name', email: 'your mail address' };

/** The description of the API, generated from the controllers. */
export function createDocument(app: INestApplication, { issuer }: Settings): OpenAPIObject {
  const endpoints = `${issuer}/protocol/openid-connect`; // Keycloak's, and so CERN's
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
    .addOAuth2(
      {
        type: 'oauth2',
        description: 'Sign in with CERN SSO.',
        flows: {
          authorizationCode: {
            authorizationUrl: `${endpoints}/auth`,
            tokenUrl: `${endpoints}/token`,
            scopes: SCOPES,
          },
        },
      },
      SSO_SCHEME,
    )
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, BEARER_SCHEME)
    .build();
  return SwaggerModule.createDocument(app, config);
}

/** Serves Swagger UI at `/api/docs`, and the description at `/api/docs-json` and `/api/docs-yaml`. */
export function serveSwagger(app: INestApplication, settings: Settings): void {
  SwaggerModule.setup('api/docs', app, () => createDocument(app, settings), {
    customSiteTitle: 'CernVM Cluster Pairing: API',
    swaggerOptions: {
      oauth2RedirectUrl: `${settings.publicUrl}/api/docs/oauth2-redirect.html`,
      initOAuth: {
        clientId: settings.clientId,
        scopes: Object.keys(SCOPES),
        usePkceWithAuthorizationCodeGrant: true,
      },
    },
  });
}
