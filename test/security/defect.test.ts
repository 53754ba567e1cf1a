import { afterEach, describe, expect, it } from '@jest/globals';
import { CleanUp } from '../support/clean-up.js';
import { startService } from '../support/service.js';

/** Does in the service, when it is sent SIGUSR2, what only a defect of ours would do. */
const onSignal = (defect: string) =>
  `--import=data:text/javascript,${encodeURIComponent(`process.on("SIGUSR2",()=>{${defect}})`)}`;

describe('A defect', () => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  it.each([
    ['a promise that is rejected and that nobody handles', 'Promise.reject(new Error("a bug"))'],
    ['an error that nobody catches', 'setImmediate(()=>{throw new Error("a bug")})'],
  ])(
    'such as %s is logged, and ends the process with 1 after requests under way',
    async (_, defect) => {
      const service = cleanUp.add(await startService({ NODE_OPTIONS: onSignal(defect) }));
      const { program, url } = service;
      const pin = await service.issuePin();
      const wait = fetch(`${url}/api/v1/clusters/${pin}/keys/master_ip`, {
        headers: { prefer: 'wait=25' },
      });
      await fetch(`${url}/health/live`); // by then the wait is held
      program.signal('SIGUSR2');
      expect((await wait).status).toBe(404);
      expect(await program.ended).toBe(1);
      expect(program.output).toMatch(/FATAL.*a defect: the process ends/);
      expect(program.output).toContain('a bug');
    },
  );
});
