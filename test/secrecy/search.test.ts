import { describe, expect, it } from '@jest/globals';
import { Program } from '../support/process.js';

describe('The search of all that a service says', () => {
  it('fails the tests of a service that gives its secrets away, and names them by their kind', async () => {
    const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js'];
    const args = ['--testMatch=**/test/secrecy/planted.fixture.ts', '--silent'];
    const program = new Program(process.execPath, [...jest, ...args]);
    expect(await program.ended).toBe(1);
    for (const kind of ['a PIN', 'a value', 'a token']) {
      expect(program.output).toContain(`${kind} in the output of a service: here: …`);
    }
    expect(program.output).toContain('1 failed, 1 total');
  });
});
