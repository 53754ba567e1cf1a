/** What pairing writes into a context. */
export interface Pairing {
  readonly pin: string;
  readonly serviceUrl: string;
}

export type Role = 'master' | 'worker';

/** A context for one role, or the sentence that says why it cannot be made. */
export type Rendered = { readonly text: string } | { readonly problem: string };

export const PLACEHOLDER = '###MASTER_IP_PLACEHOLDER###';
/** What clouds take for user data. */
const MAX_BYTES = 16 * 1024;

const BEGIN = /^([ \t#]*)\[ucernvm-begin\][ \t\r]*$/;
const END = '[ucernvm-end]';
/** The fields that are ours, in any case. */
const FIELD = /^(cvm_cluster_pin|cvm_cluster_master|cvm_service_url)[ \t]*=/i;
/** A part in base64, with what may be its body. */
const CODED_PART =
  /^content-transfer-encoding:[ \t]*base64[ \t]*\r?\n(?:[^\r\n][^\n]*\n)*\r?\n([A-Za-z0-9+/=\r\n]*)/gim;

/**
 * Puts a PIN, a role and the service into the `ucernvm` block of a base context, which may be amiconfig,
 * cloud-config or MIME multipart of both. A field that is there is replaced where it stands; one that is
 * missing comes first in the block; every other line stays byte for byte as it was.
 */
export function renderContext(base: string, role: Role, { pin, serviceUrl }: Pairing): Rendered {
  if (decodedParts(base).some(hasBlock)) {
    return {
      problem:
        'A part in base64 has the block, and this page cannot write there: put that part in as plain text, with Content-Transfer-Encoding: 7bit.',
    };
  }
  const lines = base.split('\n');
  const block = findBlock(lines);
  if ('problem' in block) return block;
  const { begin, end, margin } = block;
  const lineEnd = lines[begin]!.endsWith('\r') ? '\r' : '';

  const missing = new Map<string, string>([
    ['cvm_cluster_pin', pin],
    ['cvm_service_url', serviceUrl],
    ['cvm_cluster_master', role === 'master' ? 'yes' : 'no'],
  ]);
  const lineOf = (field: string, value: string) => `${margin}${field}=${value}${lineEnd}`;
  const body: string[] = [];
  for (const line of lines.slice(begin + 1, end)) {
    const field = FIELD.exec(meaningOf(line, margin))?.[1]?.toLowerCase();
    if (field === undefined) {
      body.push(line);
      continue;
    }
    const value = missing.get(field);
    if (value !== undefined) body.push(lineOf(field, value)); // a field given twice is given once
    missing.delete(field);
  }
  const added = [...missing].map(([field, value]) => lineOf(field, value));
  const text = [...lines.slice(0, begin + 1), ...added, ...body, ...lines.slice(end)].join('\n');

  const bytes = new TextEncoder().encode(text).length;
  if (bytes > MAX_BYTES) {
    return {
      problem: `The ${role}'s context has ${bytes} bytes, and clouds take ${MAX_BYTES} at most: make it shorter.`,
    };
  }
  return { text };
}

/** Why workers would not learn of their master by this context; undefined when they would. */
export function workerWarning(base: string): string | undefined {
  return [base, ...decodedParts(base)].some((text) => text.includes(PLACEHOLDER))
    ? undefined
    : `There is no ${PLACEHOLDER} in it, so workers will not learn their master's address. Write it where the address belongs.`;
}

interface Block {
  readonly begin: number;
  readonly end: number;
  /** What precedes `[ucernvm-begin]` on its line: a comment or an indent. */
  readonly margin: string;
}

function findBlock(lines: readonly string[]): Block | { problem: string } {
  const begins = indexesOf(lines, (line) => BEGIN.test(line));
  const [begin] = begins;
  if (begin === undefined) {
    return { problem: 'It has no [ucernvm-begin] line: add the block, as the example has it.' };
  }
  if (begins.length > 1)
    return { problem: 'It has more than one [ucernvm-begin]: keep one block.' };
  const [, margin = ''] = BEGIN.exec(lines[begin]!)!;
  const ends = indexesOf(lines, (line) => meaningOf(line, margin) === END);
  const [end] = ends;
  if (end === undefined) {
    return {
      problem: 'The block has no [ucernvm-end] that begins as its [ucernvm-begin]: add that line.',
    };
  }
  if (ends.length > 1) return { problem: 'It has more than one [ucernvm-end]: keep one block.' };
  if (end < begin) return { problem: '[ucernvm-end] comes before [ucernvm-begin]: swap them.' };
  return { begin, end, margin };
}

/** A line of the block as the machines read it: without the margin, and the blanks around. */
function meaningOf(line: string, margin: string): string {
  const inner = line.startsWith(margin) ? line.slice(margin.length) : line;
  return inner.replace(/^[ \t]+|[ \t\r]+$/g, '');
}

/** What the parts in base64 say, where the machines look as well. */
function decodedParts(base: string): string[] {
  return [...base.matchAll(CODED_PART)].map(([, body = '']) => {
    try {
      return atob(body);
    } catch {
      return ''; // no base64 after all, for the machines neither
    }
  });
}

function hasBlock(text: string): boolean {
  return text.split('\n').some((line) => BEGIN.test(line));
}

function indexesOf(lines: readonly string[], is: (line: string) => boolean): number[] {
  return lines.flatMap((line, index) => (is(line) ? [index] : []));
}
