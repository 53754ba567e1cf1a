import { decodeText, encodeLike } from './base64.ts';
import { type Block, findBlock, meaningOf } from './block.ts';
import { multipartOf, type Part } from './multipart.ts';
import type { Pairing, Role } from './pairing.ts';
import { splice } from './text.ts';

/** A context for one role, or a sentence that says why it cannot be made. */
export type Rendered = { readonly text: string } | { readonly problem: string };

/** A field that this module writes, in upper or lower case. */
const FIELD = /^(cvm_cluster_pin|cvm_cluster_master|cvm_service_url)[ \t]*=/i;

/**
 * Writes a PIN, a role and the service into the `ucernvm` block of a base context: amiconfig, cloud-config, a script,
 * or a MIME multipart of them, also in a part in base64. An existing field is replaced in place, a missing field is added
 * at the beginning of the block, and all other lines keep every byte.
 */
export function renderContext(base: string, role: Role, pairing: Pairing): Rendered {
  const encoded = encodedBlock(base);
  if (!encoded) return fillIn(base, role, pairing);
  const { part, text } = encoded;
  if (!('problem' in findBlock(base)))
    return { problem: 'It has a block in plain text and one in base64: keep one block.' };
  const rendered = fillIn(text, role, pairing);
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

function fillIn(text: string, role: Role, { pin, serviceUrl }: Pairing): Rendered {
  const block = findBlock(text);
  if ('problem' in block) return block;
  const missing = new Map<string, string>([
    ['cvm_cluster_pin', pin],
    ['cvm_service_url', serviceUrl],
    ['cvm_cluster_master', role === 'master' ? 'yes' : 'no'],
  ]);
  const lineOf = lineMaker(block);
  const body: string[] = [];
  for (const { content } of block.body) {
    const field = FIELD.exec(meaningOf(content, block.margin))?.[1]?.toLowerCase();
    if (field === undefined) {
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

/** Makes lines with the margin and the line end of the block. */
function lineMaker({ begin, margin }: Block) {
  const lineEnd = begin.content.endsWith('\r') ? '\r' : '';
  return (field: string, value: string) => `${margin}${field}=${value}${lineEnd}`;
}
