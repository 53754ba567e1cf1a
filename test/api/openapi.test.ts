import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { apiTypes } from '../../dev/api-types.js';
import { type Service, startService } from '../support/service.js';

interface Operation {
  operationId?: string;
  responses: Record<string, { content?: Record<string, MediaType> }>;
  requestBody?: { content: object };
  security?: object[];
}
interface MediaType {
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
  schema: Schema;
}
interface Schema {
  $ref?: string;
  items?: { $ref: string };
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties?: Record<string, Schema> }> };
}

describe('The OpenAPI description', () => {
  let service: Service;
  let document: Document;
  let operations: [string, Operation][];

  beforeAll(async () => {
    service = await startService();
    document = (await (await fetch(`${service.url}/api/docs-json`)).json()) as Document;
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, Operation] => [
        `${method.toUpperCase()} ${path}`,
        operation,
      ]),
    );
  });
  afterAll(() => service.stop());

  it('is in openapi.yaml as script/openapi writes it', async () => {
    const served = await (await fetch(`${service.url}/api/docs-yaml`)).text();
    expect(await readFile('openapi.yaml', 'utf8')).toBe(served);
  });

  it('has its types in client/schema.ts (else: script/openapi)', async () => {
    expect(await readFile('client/schema.ts', 'utf8')).toBe(await apiTypes());
  });

  it('puts JSON first where text is answered as well, which generated clients take', () => {
    const both = operations
      .map(([, { responses }]) => Object.keys(responses['200']?.content ?? {}))
      .filter((types) => types.length > 1);
    expect(both).toHaveLength(6);
    for (const types of both) expect(types).toEqual(['application/json', 'text/plain']);
  });

  it('says of every operation what the parser of HTTP may answer, and who may call it', () => {
    for (const [, { responses, security }] of operations) {
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '408', '413', '431']));
      expect(security).toBeDefined();
    }
    const anonymous = operations.filter(([, { security }]) => security?.length === 0);
    expect(anonymous.length).toBeGreaterThan(8);
  });

  it('refuses unknown fields of a body, and takes forms and JSON', () => {
    for (const name of ['KeyItem', 'KeyChange', 'MemberChange', 'NewCluster']) {
      expect(document.components.schemas[name]).toMatchObject({ additionalProperties: false });
    }
    const types = operations.flatMap(([, { requestBody }]) =>
      requestBody ? [Object.keys(requestBody.content)] : [],
    );
    expect(types).toHaveLength(5);
    for (const each of types) {
      expect(each).toEqual(['application/json', 'application/x-www-form-urlencoded']);
    }
  });

  it('has every route with its methods', () => {
    expect(operations.map(([name]) => name).toSorted()).toEqual([
      'DELETE /api/v1/clusters/{pin}',
      'DELETE /api/v1/clusters/{pin}/keys/{key}',
      'DELETE /api/v1/clusters/{pin}/members/{name}',
      'DELETE /api/v1/issuances/{id}',
      'GET /api/v1/clusters/{pin}',
      'GET /api/v1/clusters/{pin}/events',
      'GET /api/v1/clusters/{pin}/keys',
      'GET /api/v1/clusters/{pin}/keys/{key}',
      'GET /api/v1/clusters/{pin}/members',
      'GET /api/v1/clusters/{pin}/members/{name}',
      'GET /api/v1/issuances',
      'GET /api/v1/issuances/events',
      'GET /api/v1/issuances/{id}',
      'GET /health/live',
      'GET /health/ready',
      'PATCH /api/v1/clusters/{pin}/keys/{key}',
      'POST /api/v1/clusters',
      'POST /api/v1/clusters/{pin}/keys',
      'PUT /api/v1/clusters/{pin}/keys/{key}',
      'PUT /api/v1/clusters/{pin}/members/{name}',
    ]);
  });

  it('names every operation', () => {
    expect(operations.filter(([, { operationId }]) => !operationId)).toEqual([]);
  });

  it('has an example for every answer with a body', () => {
    const without = operations.flatMap(([name, { responses }]) =>
      Object.entries(responses).flatMap(([status, { content = {} }]) =>
        Object.entries(content)
          .filter(([, media]) => !hasExample(media))
          .map(([type]) => `${name} ${status} ${type}`),
      ),
    );
    expect(without).toEqual([]);
  });

  /** An example of its own, or one for each property of its schema. */
  function hasExample({ example, examples, schema }: MediaType): boolean {
    return example !== undefined || examples !== undefined || isShown(schema);
  }

  function isShown(schema: Schema): boolean {
    if ('example' in schema || 'enum' in schema) return true;
    const name = refIn(schema)?.split('/').at(-1);
    const properties = Object.values(document.components.schemas[name ?? '']?.properties ?? {});
    return properties.length > 0 && properties.every(isShown);
  }
});

function refIn({ $ref, items }: Schema): string | undefined {
  return $ref ?? items?.$ref;
}
