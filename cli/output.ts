import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';

/** Writes to a terminal, a pipe or a file. Uses colours only on a terminal. */
class Output {
  readonly isTerminal: boolean;
  readonly colors: ReturnType<typeof pc.createColors>;
  private readonly stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream;
    this.isTerminal = stream.isTTY;
    const isPlain = Boolean(process.env['NO_COLOR']) || process.env['TERM'] === 'dumb';
    this.colors = pc.createColors(this.isTerminal && !isPlain);
  }

  /** The width of the terminal in characters. */
  get width(): number {
    return this.stream.columns || 80;
  }

  write(content: string | Uint8Array): void {
    this.stream.write(content);
  }

  line(text = ''): void {
    this.write(`${text}\n`);
  }
}

/** The result of a command. */
export const stdout = new Output(process.stdout);
/** Messages and hints for the user. */
export const stderr = new Output(process.stderr);

/** Prints a hint for users at a terminal, not for scripts. */
export function hint(text: string): void {
  if (stderr.isTerminal) stderr.line(stderr.colors.dim(text));
}

export function printJson(value: unknown): void {
  stdout.line(JSON.stringify(value, null, stdout.isTerminal ? 2 : undefined));
}

/** Text from outside without control characters, which could change the terminal. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}/gu, '');
}

/** Rows below a heading, in columns. The last column is as wide as its text. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lineOf = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd();
  const [first = '', ...others] = cells.map(lineOf);
  return [stdout.colors.bold(first), ...others].join('\n');
}

/** Names and values, the values in one column. */
export function fields(entries: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries
    .map(([name, value]) => `${stdout.colors.bold(name.padEnd(width))}  ${value}`)
    .join('\n');
}
