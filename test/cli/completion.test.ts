import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CommandLine } from '../support/command-line.js';

describe('Completion', () => {
  let commandLine: CommandLine;
  beforeAll(async () => {
    commandLine = new CommandLine();
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { stdout } = await commandLine.run(['completion', shell]);
      writeFileSync(commandLine.path(`completion.${shell}`), stdout);
    }
  });
  afterAll(() => commandLine.close());

  /** Runs a script in a shell that finds the command as a user's does. */
  const run = (shell: string, script: string, ...args: string[]) =>
    execFileSync(shell, [...args, script], {
      cwd: commandLine.folder,
      env: { ...commandLine.env, PATH: `${commandLine.folder}:${commandLine.env['PATH']}` },
      encoding: 'utf8',
    });

  it('in bash offers the commands that begin so', () => {
    const script = `
      source /usr/share/bash-completion/bash_completion
      source completion.bash
      compopt() { :; } # only bash itself may be asked while it completes
      COMP_WORDS=(cernvm-pairing wa) COMP_CWORD=1 COMP_LINE='cernvm-pairing wa' COMP_POINT=17
      $(complete -p cernvm-pairing | sed 's/.*-F \\([^ ]*\\).*/\\1/') cernvm-pairing wa cernvm-pairing
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const offered = run('bash', script, '-c').trim().split('\n');
    expect(offered.map((line) => line.split(/\s/)[0])).toEqual(['watch', 'wait']);
  });

  it('in fish offers the commands that begin so', () => {
    const script = "source completion.fish; complete --do-complete 'cernvm-pairing wa'";
    const offered = run('fish', script, '-c').trim().split('\n');
    expect(offered).toContain('watch\twatch a cluster form');
    expect(new Set(offered.map((line) => line.split('\t')[0]))).toEqual(new Set(['wait', 'watch']));
  });

  it('in zsh is a script that it can read and registers the command', () => {
    const script = `autoload -U compinit && compinit -u -D; source completion.zsh; print $_comps[cernvm-pairing]`;
    expect(run('zsh', script, '-c').trim()).toMatch(/cernvm/);
  });

  it.each<[string, string[], string[]]>([
    ['a value of an option', ['wait', '--for', ''], ['registered', 'ready', 'complete']],
    ['an option', ['list', '--li'], ['--live', '--limit']],
    ['a role', ['context', '--role', 'm'], ['master']],
  ])('offers %s', async (_, words, expected) => {
    const { stdout } = await commandLine.run(['complete', '--', ...words]);
    const offered = stdout.split('\n').map((line) => line.split('\t')[0]);
    expect(offered.filter((word) => word !== '' && !word!.startsWith(':'))).toEqual(expected);
  });
});
