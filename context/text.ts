/** A line of a text: its number from 1, where it begins, and its content without the line feed. */
export interface Line {
  readonly number: number;
  readonly offset: number;
  readonly content: string;
}

export function linesOf(text: string): Line[] {
  let offset = 0;
  return text.split('\n').map((content, index) => {
    const line = { number: index + 1, offset, content };
    offset += content.length + 1;
    return line;
  });
}

/** The number of the line at this offset, from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** The text with the characters from `start` to `end` replaced. */
export function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
