import { readFileSync } from 'node:fs';

/** A file that a recipe shows: a fenced block whose first line names it after the language. */
export function fileOf(recipe: string, name: string): string {
  const page = readFileSync(`docs/recipes/${recipe}.md`, 'utf8');
  for (const [, shown, content] of page.matchAll(/^```\w+ (\S+)\n([^]*?)^```$/gm)) {
    if (shown === name) return content!;
  }
  throw new Error(`docs/recipes/${recipe}.md shows no ${name}.`);
}
