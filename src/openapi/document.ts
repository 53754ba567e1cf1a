import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, getSchemaPath, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { type ErrorCode, PairingError } from '../errors/pairing-error.js';
import { Problem } from '../http/problem.js';
import { BEARER_SCHEME, schemaKeywords, SESSION_SCHEME } from './decorators.js';

/** The description of the API, generated from the controllers. */
export function createDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('CernVM Cluster Pairing')
    .setVersion('1')
    .setDescription(
      'The virtual machines of a cluster find each other here at boot: a person gets a PIN, the master posts its address under the PIN, and the workers fetch it. Virtual machines need only the PIN.',
    )
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'Where this description was fetched')
    .addTag('clusters', 'One PIN, one cluster, 24 hours.')
    .addTag('keys', 'Keys and values that the machines of a cluster share.')
    .addTag('members', 'The workers of a cluster, by name.')
    .addTag('issuances', 'The record of issued PINs.')
    .addTag('health', 'For probes.')
    .addCookieAuth(
      '__Host-session',
      {
        type: 'apiKey',
        in: 'cookie',
        description:
          'Sign in at `/sign-in`; your browser then sends this cookie. Without https, in development, its name is `session`.',
      },
      SESSION_SCHEME,
    )
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, BEARER_SCHEME)
    .build();
  return complete(SwaggerModule.createDocument(app, config));
}

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Parameters = NonNullable<Operation['parameters']>;
interface Schema {
  additionalProperties?: boolean;
  properties?: Record<string, { allOf?: object[] }>;
}

/** The errors of the HTTP parser, which any request can get before its route is known. */
const parserProblems = {
  '400': 'bad-request',
  '408': 'request-timeout',
  '413': 'body-too-large',
  '431': 'headers-too-large',
} as const satisfies Record<string, ErrorCode>;

/** Adds what is common to all operations, and what decorators cannot express. */
function complete(document: OpenAPIObject): OpenAPIObject {
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods as Record<string, Operation>).map((operation) => ({ path, operation })),
  );
  for (const { path, operation } of operations) {
    operation.security ??= []; // anonymous
    if (operation.parameters) operation.parameters = inOrder(operation.parameters, path);
    // An operation's own description of a status replaces the general one.
    operation.responses = { ...parserResponses, ...operation.responses };
    // Unknown fields are refused.
    for (const name of bodySchemas(operation)) schemas[name]!.additionalProperties = false;
  }
  for (const schema of Object.values(schemas)) unwrapReferences(schema);
  for (const [name, keywords] of schemaKeywords) Object.assign(schemas[name]!, keywords);
  document.components = {
    ...document.components,
    responses: Object.fromEntries(
      Object.values(parserProblems).map((code) => [code, problemResponse(code)]),
    ),
  };
  return document;
}

const parserResponses = Object.fromEntries(
  Object.entries(parserProblems).map(([status, code]) => [
    status,
    { $ref: `#/components/responses/${code}` },
  ]),
);

/** Parameters with those of the path first, in its order, because generated clients may take them by position. */
function inOrder(parameters: Parameters, path: string): Parameters {
  const place = (parameter: Parameters[number]) =>
    'in' in parameter && parameter.in === 'path'
      ? path.indexOf(`{${parameter.name}}`)
      : path.length;
  return parameters.toSorted((one, other) => place(one) - place(other));
}

/** Nest writes a reference to an enum as an `allOf` of one, which OpenAPI 3.0 needed. */
function unwrapReferences({ properties = {} }: Schema): void {
  for (const [name, { allOf, ...rest }] of Object.entries(properties)) {
    if (allOf?.length === 1) properties[name] = { ...rest, ...allOf[0] };
  }
}

/** The names of the schemas that an operation's body may have. */
function bodySchemas({ requestBody }: Operation): string[] {
  if (!requestBody || '$ref' in requestBody) return [];
  return Object.values(requestBody.content).flatMap(({ schema }) =>
    schema && '$ref' in schema ? [schema.$ref.split('/').at(-1)!] : [],
  );
}

function problemResponse(code: ErrorCode) {
  const example = Object.assign({}, new Problem(new PairingError(code)));
  return {
    description: `\`${code}\``,
    content: {
      'application/problem+json': { schema: { $ref: getSchemaPath(Problem) }, example },
    },
  };
}
