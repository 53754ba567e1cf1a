import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { exitCodeMeanings } from '../../cli/exit-codes.js';
import { tableBelow } from '../support/documents.js';

const FILE = 'docs/cli.md';

describe('docs/cli.md', () => {
  const program = (...args: string[]) =>
    execFileSync('dist/cli/cernvm-pairing', args, { encoding: 'utf8' });

  it('lists the commands as the program does', () => {
    const [, commands = ''] = /^Commands:\n([^]*?)\n\n/m.exec(program('--help'))!;
    const names = [...commands.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name);
    const documented = tableBelow(FILE, '## Commands').map(([cell = '']) =>
      cell.replaceAll('`', ''),
    );
    expect([...documented, 'help']).toEqual(names);
  });

  it('has every exit code', () => {
    expect(tableBelow(FILE, '## Exit codes')).toEqual(
      exitCodeMeanings.map(([code, meaning]) => [String(code), meaning]),
    );
  });
});
