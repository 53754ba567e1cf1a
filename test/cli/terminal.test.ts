import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CleanUp } from '../support/clean-up.js';
import { type Service, startService } from '../support/service.js';
import { CommandLine } from '../support/command-line.js';

const BOLD = '\u001b[1m';

describe('The command line on a terminal', () => {
  const cleanUp = new CleanUp();
  let service: Service;
  let commandLine: CommandLine;
  let pin: string;

  beforeAll(async () => {
    service = cleanUp.add(await startService());
    const token = await service.token();
    commandLine = cleanUp.add(new CommandLine({ PAIRING_URL: service.url, PAIRING_TOKEN: token }));
    pin = await service.issuePin();
  });
  afterAll(() => cleanUp.run());

  it('create says what is next', async () => {
    writeFileSync(
      commandLine.path('base.txt'),
      '[ucernvm-begin]\n[ucernvm-end]\n###MASTER_IP_PLACEHOLDER###\n',
    );
    const terminal = commandLine.onTerminal(['create', '--context', 'base.txt']);
    expect(await terminal.end()).toBe(0);
    const [created] = terminal.text.split('\n');
    expect(terminal.text).toBe(
      `${created}\nWritten: master-context.txt and worker-context.txt\n` +
        `Good for one cluster. Next: cernvm-pairing watch ${created}\n`,
    );
  });

  it('list has a heading in bold, unless NO_COLOR or a dumb terminal forbids it', async () => {
    const show = async (env: NodeJS.ProcessEnv) => {
      const terminal = commandLine.onTerminal(['list'], env);
      await terminal.end();
      return terminal.raw;
    };
    expect(await show({})).toContain(`${BOLD}PIN `);
    expect(await show({ NO_COLOR: '1' })).not.toContain('\u001b');
    expect(await show({ TERM: 'dumb' })).not.toContain('\u001b');
  });

  it('prints JSON that people can read', async () => {
    const terminal = commandLine.onTerminal(['show', pin, '--json']);
    await terminal.end();
    expect(terminal.text).toContain('{\n  "state": "issued",\n');
  });

  it('watch draws a bar below its lines, which never leaves more than one of itself', async () => {
    const terminal = commandLine.onTerminal(['watch', pin, '--workers', '3']);
    await terminal.shows('[------------------------] 0 of 3 workers  23 h 59 min left');
    await service.addKey(pin, 'master_ip', '10.0.0.7');
    await terminal.shows('[########----------------] 0 of 3 workers');
    await service.addKey(pin, 'master_ready', 'true');
    await terminal.shows('[################--------] 0 of 3 workers');
    for (let worker = 0; worker < 3; worker++) await service.keyText(pin, 'master_ip');
    await terminal.shows('[########################] 3 of 3 workers');
    terminal.interrupt();
    expect(await terminal.end()).toBe(130);
    expect(screenOf(terminal.raw)).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d {2}waiting for the master$/),
      expect.stringContaining('master registered: 10.0.0.7'),
      expect.stringContaining('master ready'),
      ...Array.from({ length: screenOf(terminal.raw).length - 3 }, () =>
        expect.stringMatching(/fetched the master's address|^$/),
      ),
    ]);
  });

  it('wait shows the same, and ends when the goal is reached', async () => {
    const terminal = commandLine.onTerminal(['wait', pin, '--for', 'ready']);
    expect(await terminal.end()).toBe(0);
    expect(terminal.text).toContain('master ready');
  });

  it('cannot be moved by what somebody else has stored', async () => {
    const other = await service.issuePin();
    await service.addKey(other, 'master_ip', '10.0.0.9');
    await service.addKey(other, 'master_ready', 'x');
    const terminal = commandLine.onTerminal(['show', other], { NO_COLOR: '1' });
    await terminal.end();
    expect(terminal.raw).not.toContain('\u001b');
  });
});

/** What is left on the screen, when each line was drawn over until its end. */
function screenOf(raw: string): string[] {
  return raw
    .split('\r\n')
    .map((line) => line.split('\r\u001b[K').at(-1)!.replace('^C', ''))
    .filter((line, index, lines) => index < lines.length - 1 || line !== '');
}
