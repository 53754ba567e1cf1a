import { type Line, linesOf } from './text.ts';

const BEGIN = '[ucernvm-begin]';
const END = '[ucernvm-end]';
/** Invisible characters, with which machines do not recognize a line. */
export const INVISIBLE = /[\u00a0\u00ad\u200b-\u200f\u2060\ufeff]/g;

/** The `ucernvm` block of a text, as the agents read it. */
export interface Block {
  readonly begin: Line;
  readonly end: Line;
  /** The lines between the two. */
  readonly body: readonly Line[];
  /** What precedes `[ucernvm-begin]` on its line: a comment sign, an indent. */
  readonly margin: string;
}

/** Finds the block. Otherwise returns a sentence that says what is wrong. */
export function findBlock(text: string): Block | { readonly problem: string } {
  const lines = linesOf(text);
  const begins = lines.filter(({ content }) => /^[ \t#]*\[ucernvm-begin\][ \t\r]*$/.test(content));
  const [begin, another] = begins;
  if (!begin) return { problem: missing(lines) };
  if (another) {
    return {
      problem: `It has more than one ${BEGIN}, in lines ${begin.number} and ${another.number}: keep one block.`,
    };
  }
  const margin = begin.content.slice(0, begin.content.indexOf('['));
  const [end, second] = lines.filter(({ content }) => meaningOf(content, margin) === END);
  if (!end) {
    return {
      problem: `The block in line ${begin.number} has no ${END} that begins as its ${BEGIN}: add that line.`,
    };
  }
  if (second) {
    return {
      problem: `It has more than one ${END}, in lines ${end.number} and ${second.number}: keep one block.`,
    };
  }
  if (end.offset < begin.offset)
    return { problem: `${END} in line ${end.number} comes before ${BEGIN}: swap them.` };
  return { begin, end, body: lines.slice(begin.number, end.number - 1), margin };
}

function missing(lines: readonly Line[]): string {
  const hidden = lines.find(({ content }) => content.replace(INVISIBLE, '').trim() === BEGIN);
  if (hidden)
    return `Line ${hidden.number} has an invisible character before or after ${BEGIN}: remove it.`;
  const typed = lines.find(({ content }) => /\[\s*ucernvm[-_ ]begin/i.test(content));
  return typed
    ? `Line ${typed.number} must be ${BEGIN}, and nothing else.`
    : `It has no ${BEGIN} line: add the block, as the example has it.`;
}

/** A line of the block as the agents read it: without the margin and without blanks at both ends. */
export function meaningOf(line: string, margin: string): string {
  const inner = line.startsWith(margin) ? line.slice(margin.length) : line;
  return inner.replace(/^[ \t]+|[ \t\r]+$/g, '');
}

/** The block in the only form that every image can read. */
export function plainBlock({ body, margin }: Block): string {
  return [BEGIN, ...body.map(({ content }) => meaningOf(content, margin)), END, ''].join('\n');
}
