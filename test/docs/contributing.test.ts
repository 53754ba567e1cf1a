import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { codesIn, tableBelow, trackedFiles } from '../support/documents.js';

const FILE = 'CONTRIBUTING.md';

/** The folders that lie directly in a folder. */
function foldersIn(folder: string): string[] {
  const below = trackedFiles().filter((path) => path.startsWith(folder));
  const names = below.map((path) => path.slice(folder.length).split('/'));
  return [...new Set(names.filter((parts) => parts.length > 1).map(([name]) => name!))].toSorted();
}

/** The first code of each row. */
const firstCodes = (heading: string) =>
  tableBelow(FILE, heading).flatMap(([cell = '']) => codesIn(cell).slice(0, 1));

describe('The map in CONTRIBUTING.md', () => {
  it('has every folder of src/, and no other', () => {
    const named = firstCodes('### `src/`').map((path) => path.replace('src/', ''));
    expect(named.toSorted()).toEqual(foldersIn('src/'));
  });

  it('has a question for every folder of test/', () => {
    const rows = tableBelow(FILE, '### `test/`');
    const named = rows.map(([folder = '']) => codesIn(folder)[0]!.replace('test/', ''));
    expect([...named, 'support'].toSorted()).toEqual(foldersIn('test/'));
    expect(rows.filter(([, question = '']) => !question.endsWith('?'))).toEqual([]);
  });

  it('has every other folder of the project', () => {
    const text = readFileSync(FILE, 'utf8');
    const folders = foldersIn('').filter((folder) => !folder.startsWith('.'));
    expect(folders.filter((folder) => !text.includes(`\`${folder}/\``))).toEqual([]);
  });

  it('has every script', () => {
    const scripts = trackedFiles().filter((path) => path.startsWith('script/'));
    const named = firstCodes('# Working on it').map((command) => command.split(' ')[0]!);
    const ours = named.filter((name) => name.startsWith('script/'));
    expect([...new Set(ours)].toSorted()).toEqual(scripts);
  });
});

describe('The list of the longest test files', () => {
  it('has only files that exist', () => {
    const files = JSON.parse(readFileSync('test/support/longest-files.json', 'utf8')) as string[];
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });
});
