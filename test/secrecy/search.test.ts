import { describe, expect, it } from '@jest/globals';
import { Program } from '../support/process.js';

describe('The search for secrets in all output of a service', () => {
  it('fails the tests of a service that prints its secrets, and names them by kind', async () => {
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
