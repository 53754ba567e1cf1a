import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** All Markdown files of the project. */
export function markdownFiles(): string[] {
  return trackedFiles().filter((path) => path.endsWith('.md'));
}

/** All files under version control, and new files that are not ignored. */
export function trackedFiles(): string[] {
  const options = ['--cached', '--others', '--exclude-standard', '--deduplicate'];
  const listed = execFileSync('git', ['ls-files', ...options], { encoding: 'utf8' });
  return listed.split('\n').filter(Boolean);
}

/** The rows of the table below a heading, without its head; each is the list of its cells. */
export function tableBelow(file: string, heading: string): string[][] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`${file} has no line "${heading}".`);
  const section = lines.slice(start + 1);
  const first = section.findIndex((line) => line.startsWith('|'));
  const end = section.findIndex((line, index) => index > first && !line.startsWith('|'));
  const [, , ...rows] = section.slice(first, end < 0 ? undefined : end); // head and rule
  return rows.map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The words between backticks. */
export function codesIn(markdown: string): string[] {
  return [...markdown.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
}
