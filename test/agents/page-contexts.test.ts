import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { examples, renderContext, type Role } from '../../context/context.js';
import { baseContexts } from '../support/contexts.js';
import { Machine, PLACEHOLDER } from './machine.js';
import { shells } from './shells.js';

const pairing = { pin: 'enico1qq0oey', serviceUrl: 'https://pairing.example.org' };
const roles: readonly Role[] = ['master', 'worker'];
const busybox = shells[0]!;

describe(`A context that the page rendered, read with ${String(busybox)}`, () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await Machine.create(busybox);
  });
  afterAll(() => machine.remove());

  const render = (base: string, role: Role) => {
    const rendered = renderContext(base, role, pairing);
    if ('problem' in rendered) throw new Error(rendered.problem);
    return rendered.text;
  };
  const readAll = async (contexts: readonly string[]) => {
    contexts.forEach((context, index) => machine.write(`contexts/${index}`, context));
    const { console } = await machine.runCode(`
      n=0
      while [ $n -lt ${contexts.length} ]; do
        read_context "$PAIRING_ROOT/contexts/$n"
        echo "$cluster_pin $cluster_role $cluster_service"
        n=$((n + 1))
      done`);
    return console.trim().split('\n');
  };

  it.each(Object.keys(examples))('is understood, and can be filled in: %s', async (name) => {
    const contexts = roles.map((role) => render(examples[name]!, role));
    expect(await readAll(contexts)).toEqual(
      roles.map((role) => `enico1qq0oey ${role} https://pairing.example.org`),
    );
    machine.write('worker', contexts[1]!);
    await machine.runCode('fill_in "$PAIRING_ROOT" 10.0.0.1 fact "$PAIRING_ROOT/worker"');
    expect(machine.read('worker')).toBe(contexts[1]!.replaceAll(PLACEHOLDER, '10.0.0.1'));
    expect(contexts[1]).toContain(PLACEHOLDER);
  });

  it('is understood whatever it was rendered from', async () => {
    const bases = fc.sample(baseContexts('grapheme'), 50);
    expect(await readAll(bases.map(({ text }) => render(text, 'master')))).toEqual(
      bases.map(() => 'enico1qq0oey master https://pairing.example.org'),
    );
  });
});
