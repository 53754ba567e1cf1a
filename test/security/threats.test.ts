import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const [, page = ''] = readFileSync('docs/security.md', 'utf8').split('## Threats');
const [, ...rows] = page.split('\n').filter((line) => line.startsWith('| ')); // without the head
const threats = rows.map((row) => row.slice('| '.length, -' |'.length).split(' | '));

/** A file, and what is named of it. */
const TESTS = /`(test\/[^`]+)`((?:,? "[^"]+")+)/g;

describe('Among the threats in docs/security.md', () => {
  it('none is listed twice', () => {
    expect(new Set(threats.map(([threat]) => threat)).size).toBe(threats.length);
  });

  it.each(threats)('"%s" is countered by %s, as tests of these names show', (...cells) => {
    const [, , shown = '', chapters] = cells;
    expect(cells).toHaveLength(4);
    expect(chapters).toMatch(/^V\d+(, V\d+)*$/);
    expect(shown.replaceAll(TESTS, '')).toMatch(/^(, )*$/); // nothing that is not looked for
    expect(shown).not.toBe('');
    for (const [, file, titles] of shown.matchAll(TESTS)) {
      const source = readFileSync(file!, 'utf8').replaceAll(/\(\s+/g, '(');
      for (const [, title] of titles!.matchAll(/"([^"]+)"/g)) {
        const isThere = ["'", '`'].some((quote) => source.includes(`(${quote}${title}${quote},`));
        expect([title, isThere]).toEqual([title, true]);
      }
    }
  });
});
