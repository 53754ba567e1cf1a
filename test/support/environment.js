import { TestEnvironment } from 'jest-environment-node';

/** Kills the programs that a failed test file has left running: they would keep ports, memory and jest itself. */
export default class CleanEnvironment extends TestEnvironment {
  async teardown() {
    for (const child of this.global.startedPrograms ?? []) child.kill('SIGKILL');
    await super.teardown();
  }
}
