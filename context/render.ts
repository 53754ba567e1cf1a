import { decodeText, encodedTexts, encodeLike } from './base64.ts';
import { type Block, findBlock, meaningOf } from './block.ts';
import { multipartOf, type Part } from './multipart.ts';
import { MAX_WORKERS, type Pairing, type Role, WORKERS_PLACEHOLDER } from './pairing.ts';
import { splice } from './text.ts';

/** A context for one role, or a sentence that says why it cannot be made. */
export type Rendered = { readonly text: string } | { readonly problem: string };

/** A field that this module writes or checks, in upper or lower case. */
const FIELD =
  /^(cvm_cluster_pin|cvm_cluster_master|cvm_service_url|cvm_cluster_workers)[ \t]*=[ \t]*(.*?)[ \t\r]*$/i;

/**
 * Writes a PIN, a role and the service into the `ucernvm` block of a base context: amiconfig, cloud-config, a script,
 * or a MIME multipart of them, also in a part in base64. An existing field is replaced in place, a missing field is added
 * at the beginning of the block, and all other lines keep every byte. A master whose context has a use for the
 * number of its workers gets it too.
 */
export function renderContext(base: string, role: Role, pairing: Pairing): Rendered {
  const encoded = encodedBlock(base);
  if (!encoded) return fillIn(base, role, pairing, hasWorkersPlaceholder(base));
  const { part, text } = encoded;
  if (!('problem' in findBlock(base)))
    return { problem: 'It has a block in plain text and one in base64: keep one block.' };
  const rendered = fillIn(text, role, pairing, hasWorkersPlaceholder(base));
  if ('problem' in rendered) return rendered;
  const body = base.slice(part.start, part.end);
  const bytes = new TextEncoder().encode(rendered.text);
  const [trailing = ''] = /\s*$/.exec(body)!;
  return {
    text: splice(base, part.start, part.end, encodeLike(bytes, body.trimStart()) + trailing),
  };
}

/** The part in base64 that has a block, and its decoded text. */
export function encodedBlock(base: string): { part: Part; text: string } | undefined {
  for (const part of multipartOf(base)?.parts ?? []) {
    const text = part.isBase64 ? decodeText(base.slice(part.start, part.end)) : undefined;
    if (text !== undefined && /^[ \t#]*\[ucernvm-begin\][ \t\r]*$/m.test(text))
      return { part, text };
  }
  return undefined;
}

/** Whether the placeholder for the workers is in a context, also in its encoded parts. */
export function hasWorkersPlaceholder(base: string): boolean {
  return [base, ...encodedTexts(base)].some((text) => text.includes(WORKERS_PLACEHOLDER));
}

/** The number of workers that a block asks for, as it is written there. */
export function workersIn({ body, margin }: Block): { line: number; value: string } | undefined {
  for (const { number, content } of body) {
    const [, field, value = ''] = FIELD.exec(meaningOf(content, margin)) ?? [];
    if (field?.toLowerCase() === 'cvm_cluster_workers') return { line: number, value };
  }
  return undefined;
}

function fillIn(
  text: string,
  role: Role,
  { pin, serviceUrl, workers }: Pairing,
  usesWorkers: boolean,
): Rendered {
  const block = findBlock(text);
  if ('problem' in block) return block;
  const written = workersIn(block);
  if (written && !isNumberOfWorkers(written.value)) {
    return {
      problem: `Line ${written.line}: cvm_cluster_workers must be a number from 1 to ${MAX_WORKERS}.`,
    };
  }
  const missing = new Map<string, string>([
    ['cvm_cluster_pin', pin],
    ['cvm_service_url', serviceUrl],
    ['cvm_cluster_master', role === 'master' ? 'yes' : 'no'],
  ]);
  // Without a use for it, the master would wait for nothing.
  const asksForWorkers = workers !== undefined && role === 'master' && (usesWorkers || written);
  if (asksForWorkers) missing.set('cvm_cluster_workers', String(workers));
  const lineOf = lineMaker(block);
  const body: string[] = [];
  for (const { content } of block.body) {
    const field = FIELD.exec(meaningOf(content, block.margin))?.[1]?.toLowerCase();
    if (field === undefined || (field === 'cvm_cluster_workers' && !asksForWorkers)) {
      body.push(content);
      continue;
    }
    const value = missing.get(field);
    if (value !== undefined) body.push(lineOf(field, value)); // a repeated field is removed
    missing.delete(field);
  }
  const added = [...missing].map(([field, value]) => lineOf(field, value));
  const start = block.begin.offset + block.begin.content.length + 1;
  const lines = [...added, ...body].map((line) => `${line}\n`).join('');
  return { text: splice(text, start, block.end.offset, lines) };
}

function isNumberOfWorkers(text: string): boolean {
  return /^[1-9]\d{0,3}$/.test(text) && Number(text) <= MAX_WORKERS;
}

/** Makes lines with the margin and the line end of the block. */
function lineMaker({ begin, margin }: Block) {
  const lineEnd = begin.content.endsWith('\r') ? '\r' : '';
  return (field: string, value: string) => `${margin}${field}=${value}${lineEnd}`;
}
