import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { markdownFiles } from '../support/documents.js';

const files = markdownFiles().filter((file) => file.startsWith('docs/adr/'));
const numbers = files.map((file) => Number(/(\d{4})-/.exec(file)?.[1]));

describe('The decisions in docs/adr', () => {
  it('are numbered without a gap, and no number is used twice', () => {
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  it.each(files)('%s has its number, a context, a decision and consequences', (file) => {
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(new RegExp(`^# ${numbers[files.indexOf(file)]}\\. `));
    for (const part of ['Context', 'Decision', 'Consequences'])
      expect(text).toContain(`**${part}.**`);
  });
});
