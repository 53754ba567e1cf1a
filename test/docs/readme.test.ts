import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { markdownFiles, tableBelow } from '../support/documents.js';
import { Program } from '../support/process.js';

describe('README.md', () => {
  it('leads to every document', () => {
    const text = readFileSync('README.md', 'utf8');
    const documents = markdownFiles().filter((file) => /^docs\/[^/]+\.md$/.test(file));
    expect(documents.filter((file) => !text.includes(`](${file})`))).toEqual([]);
  });

  it('and bench/RESULTS.md have the figures of bench/results.json', async () => {
    const check = new Program(process.execPath, ['bench/run.ts', 'report', '--check']);
    expect([await check.ended, check.output]).toEqual([0, '']);
  });

  it('shows five figures', () => {
    expect(tableBelow('README.md', '## How fast')).toHaveLength(5);
  });
});

describe('The glossary', () => {
  const rows = tableBelow('docs/glossary.md', '# Glossary');
  const terms = rows.map(([term = '']) => term.toLowerCase());

  it('has at most 25 terms, in alphabetical order, each explained in one line', () => {
    expect(terms.length).toBeLessThanOrEqual(25);
    expect(terms).toEqual(terms.toSorted());
    for (const [, meaning = ''] of rows) expect(meaning).toMatch(/^.{10,150}$/);
  });
});
