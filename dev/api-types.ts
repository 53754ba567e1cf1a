import { readFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';
import { parse } from 'yaml';

const HEADER = `// Generated from openapi.yaml by script/openapi. Do not edit.
`;

/** The TypeScript types of every operation and schema of `openapi.yaml`. */
export async function apiTypes(): Promise<string> {
  const document = parse(await readFile('openapi.yaml', 'utf8')) as object;
  // A parsed copy each time: the generator writes into what it is given.
  const nodes = await openapiTS(document as Parameters<typeof openapiTS>[0], {
    alphabetize: true, // a route that moves in the document changes nothing here
  });
  return HEADER + astToString(nodes);
}
