import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CleanUp } from '../support/clean-up.js';
import { freePort } from '../support/ports.js';
import { until } from '../support/process.js';
import { type Service, startProvider, startService } from '../support/service.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { signingKey as newSigningKey, signToken } from '../support/tokens.js';
import { CommandLine } from '../support/command-line.js';

describe('The command line, when something is away,', () => {
  const cleanUp = new CleanUp();
  let service: Service;
  let commandLine: CommandLine;
  let signingKey: Awaited<ReturnType<typeof newSigningKey>>;

  beforeAll(async () => {
    signingKey = await newSigningKey();
    const provider = cleanUp.add(await startProvider({ signingKey }));
    service = cleanUp.add(await startService({}, provider));
    commandLine = cleanUp.add(new CommandLine({ PAIRING_URL: service.url }));
  });
  afterAll(() => cleanUp.run());

  it.each<[string, string[]]>([
    ['create', []],
    ['list', []],
    ['show', ['abcdefghijkl']],
    ['watch', ['abcdefghijkl']],
    ['wait', ['abcdefghijkl']],
    ['revoke', ['abcdefghijkl']],
    ['login', []],
  ])('says so: %s', async (command, args) => {
    const env = { PAIRING_URL: `http://127.0.0.1:${await freePort()}`, PAIRING_TOKEN: 'x' };
    const { stdout, stderr, code } = await commandLine.run([command, ...args], env);
    expect(stderr).toMatch(
      /^cernvm-pairing: Nothing accepts connections at 127\.0\.0\.1:\d+\. Look/,
    );
    expect([code, stdout]).toEqual([5, '']);
  });

  it('says that a name cannot be resolved', async () => {
    const env = { PAIRING_URL: 'https://pairing.invalid' };
    const { stderr, code } = await commandLine.run(['show', 'abcdefghijkl'], env);
    expect(stderr).toContain('The name of pairing.invalid cannot be resolved.');
    expect(code).toBe(5);
  });

  it('says that something else answers', async () => {
    const env = { PAIRING_URL: service.provider.issuer };
    const { stderr, code } = await commandLine.run(['show', 'abcdefghijkl'], env);
    expect(stderr).toContain('Something else than the pairing service answers');
    expect(code).toBe(1);
  });

  it('says that a token has expired', async () => {
    const expired = Math.floor(Date.now() / 1000) - 60;
    const token = await signToken(signingKey, service.provider.issuer, { exp: expired });
    const { stderr, code } = await commandLine.run(['create', '--token', token]);
    expect(stderr).toContain('is not valid, or has expired. Run: cernvm-pairing login');
    expect(code).toBe(3);
  });

  it.each(['watch', 'wait'])('%s goes on when the service is back', async (command) => {
    const pin = await service.issuePin();
    const proxy = cleanUp.add(await TcpProxy.to(Number(new URL(service.url).port)));
    const env = { PAIRING_URL: `http://127.0.0.1:${proxy.port}` };
    const terminal = commandLine.onTerminal([command, pin], env);
    await terminal.shows('waiting for the master');
    proxy.cut();
    await terminal.shows('the service does not answer; trying again');
    await service.addKey(pin, 'master_ip', '10.0.0.7');
    await service.addKey(pin, 'master_ready', 'true');
    proxy.mend();
    await terminal.shows('master registered: 10.0.0.7');
    if (command === 'watch') {
      await terminal.shows('master ready');
      await service.api(`/clusters/${pin}`, { method: 'DELETE' });
    }
    expect(await terminal.end()).toBe(0);
  });

  it('watch tells of the end that it missed', async () => {
    const pin = await service.issuePin();
    const proxy = cleanUp.add(await TcpProxy.to(Number(new URL(service.url).port)));
    const env = { PAIRING_URL: `http://127.0.0.1:${proxy.port}` };
    const program = commandLine.start(['watch', pin], env);
    await until('the first line', () => program.output.includes('waiting for the master'));
    proxy.cut();
    await until('word of it', () => program.output.includes('does not answer; trying again'));
    await service.api(`/clusters/${pin}`, { method: 'DELETE' });
    proxy.mend();
    expect(await program.ended).toBe(0);
    expect(program.output).toContain('the cluster has ended: ended');
  });
});
