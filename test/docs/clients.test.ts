import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { codesIn, tableBelow } from '../support/documents.js';

/** What the agents print: the texts of `say`, `give_up`, `remark`, `explain_members`, `is_pin_known`, `problem=` and `fact=`. */
function messagesOfAgents(): string[] {
  const scripts = readdirSync('agents', { recursive: true, encoding: 'utf8' })
    .filter((file) => /^(lib|cloud-init)\/[\w-]+(\.sh)?$/.test(file))
    .map((file) => readFileSync(`agents/${file}`, 'utf8'));
  const message =
    /(?:\b(?:say|give_up|remark|explain_members|is_pin_known) |\b(?:problem|fact)=)(?:'([^'\n]+)'|"([^"\n]+)")/g;
  return scripts
    .flatMap((script) => [...script.matchAll(message)].map(([, a, b]) => a ?? b!))
    .filter(
      (text) => /[a-z]{3}/.test(text.replaceAll(/\$\w+/g, '')) && !text.startsWith('gave up'),
    );
}

const printed = messagesOfAgents();
const documented = tableBelow('docs/clients.md', '## On the console').flatMap(([line = '']) =>
  codesIn(line),
);
/** Whether this line of the table has all of a message but its variables. */
const isOf = (line: string, message: string) =>
  message.split(/\$\{[^}]*\}|\$\([^)]*\)|\$\w+/).every((text) => line.includes(text.trim()));

describe('The console lines in docs/clients.md', () => {
  it('are found in the agents', () => {
    expect(printed.length).toBeGreaterThan(40);
  });

  it('are all that the agents print', () => {
    expect(printed.filter((each) => !documented.some((line) => isOf(line, each)))).toEqual([]);
  });

  it('are printed by the agents', () => {
    expect(documented.filter((line) => !printed.some((each) => isOf(line, each)))).toEqual([]);
  });
});
