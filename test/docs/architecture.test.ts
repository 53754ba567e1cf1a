import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const text = readFileSync('docs/architecture.md', 'utf8');
const pictures = [...text.matchAll(/```mermaid\n([^]*?)```/g)].map(([, picture]) => picture!);

/** The folders of src/ on each floor, from the bottom up, as the import rules have them. */
function floors(): string[][] {
  const [, list = ''] =
    /const floors = \[\n([^]*?)\n\];/.exec(readFileSync('.dependency-cruiser.js', 'utf8')) ?? [];
  return list.split('\n').map((line) => [...line.matchAll(/'([\w-]+)'/g)].map(([, name]) => name!));
}

describe('The pictures in docs/architecture.md', () => {
  it('are four, each with a text', () => {
    expect(pictures).toHaveLength(4);
    expect(text.match(/```\n\n[A-Z`]/g)).toHaveLength(4);
  });

  it('have the floors of the import rules', () => {
    const drawn = [...pictures[0]!.matchAll(/subgraph f\d+.*\n([^]*?)\n {2}end/g)].map(
      ([, folders]) => folders!.split('\n').map((line) => line.trim()),
    );
    expect(drawn.toReversed()).toEqual(floors());
  });

  it('have every folder of src/', () => {
    const folders = readdirSync('src', { withFileTypes: true }).filter((each) =>
      each.isDirectory(),
    );
    expect(floors().flat().toSorted()).toEqual(folders.map(({ name }) => name).toSorted());
  });

  it('name only files that exist', () => {
    const named = pictures.flatMap((picture) => picture.match(/\bsrc\/[\w./-]+\.ts/g) ?? []);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((file) => !existsSync(file))).toEqual([]);
  });
});

describe('Each recipe in docs/architecture.md', () => {
  const [, ...recipes] = text.split('\n### ');

  it.each(recipes.map((recipe) => recipe.split('\n')[0]!))('names files: %s', (title) => {
    const recipe = recipes.find((each) => each.startsWith(title))!;
    expect(recipe).toMatch(/`[\w-]+\/[\w./-]+`|\]\([\w-]+\.md/);
  });
});
