// Writes values.schema.json and the table of values in README.md of the chart, both from the comments in
// values.yaml: node dev/chart.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar, type Pair, parse, parseDocument, type YAMLMap } from 'yaml';

const CHART = 'helm/cluster-pairing';
const START = '<!-- Made by script/chart from values.yaml: -->';
const END = '<!-- End of what script/chart made. -->';

type Schema = Record<string, unknown>;

/** A value of the chart: its path, its default, what its comment says. */
interface Value {
  readonly path: string;
  readonly default: unknown;
  readonly description: string;
}

/** What stands above a key: its description, and what a line `@schema` adds. */
function readComment(text: string | null | undefined): { description: string; schema: Schema } {
  const lines = (text ?? '').split('\n').map((line) => line.trim());
  const added = lines.filter((line) => line.startsWith('@schema '));
  return {
    description: lines
      .filter((line) => !line.startsWith('@schema '))
      .join(' ')
      .trim(),
    schema: Object.assign(
      {},
      ...added.map((line) => parse(line.slice('@schema '.length)) as Schema),
    ),
  };
}

/** The closed schema of a map of values; what it holds goes into `values`. */
function schemaOf(map: YAMLMap, path: string, values: Value[]): Schema {
  const properties: Record<string, Schema> = {};
  for (const [index, pair] of (
    map.items as Pair<{ value: string; commentBefore?: string }>[]
  ).entries()) {
    const name = pair.key.value;
    // The parser gives the comment above the first key of a map to the map.
    const comment = index === 0 ? map.commentBefore : pair.key.commentBefore;
    const { description, schema } = readComment(comment);
    const here = path ? `${path}.${name}` : name;
    const value = pair.value;
    const about = { ...(description && { description }) };
    // A map that a comment opens is one value: what people put into it is theirs.
    if (isMap(value) && !('additionalProperties' in schema)) {
      if (description) values.push({ path: here, default: undefined, description });
      properties[name] = { ...about, ...schemaOf(value, here, values), ...schema };
    } else {
      const standard: unknown = isScalar(value) ? value.value : (value as YAMLMap).toJSON();
      values.push({ path: here, default: standard, description });
      properties[name] = { ...about, type: typeOf(standard), default: standard, ...schema };
    }
  }
  return { type: 'object', additionalProperties: false, properties };
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

/** What the two files hold. */
export function chartFiles(): { schema: string; readme: string } {
  const document = parseDocument(readFileSync(join(CHART, 'values.yaml'), 'utf8'));
  const [error] = document.errors; // such as a value that is there twice
  if (error) throw error;
  const values: Value[] = [];
  const schema = schemaOf(document.contents as YAMLMap, '', values);
  // Helm itself adds this one where the chart is part of another.
  Object.assign(schema['properties'] as Schema, { global: { type: 'object' } });

  const readme = readFileSync(join(CHART, 'README.md'), 'utf8');
  const table = [
    '| value | default | meaning |',
    '|---|---|---|',
    ...values.map(({ path, default: standard, description }) => {
      const shown = standard === undefined ? '' : `\`${JSON.stringify(standard)}\``;
      return `| \`${path}\` | ${shown} | ${description.replaceAll('|', '\\|')} |`;
    }),
  ];
  const [before] = readme.split(START);
  const [, after] = readme.split(END);
  return {
    schema: `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', ...schema }, null, 2)}\n`,
    readme: `${before}${START}\n\n${table.join('\n')}\n\n${END}${after}`,
  };
}

if (import.meta.main) {
  const { schema, readme } = chartFiles();
  writeFileSync(join(CHART, 'values.schema.json'), schema);
  writeFileSync(join(CHART, 'README.md'), readme);
}
