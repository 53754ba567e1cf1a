import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { confirmDevice } from '../../dev/confirm-device.js';
import { CleanUp } from '../support/clean-up.js';
import { until } from '../support/process.js';
import { secrets } from '../support/secrets.js';
import { type Service, startService } from '../support/service.js';
import { CommandLine } from '../support/command-line.js';

const FILE = '.config/cernvm-pairing/credentials.json';

interface Kept {
  credentials: Record<string, { accessToken: string; expiresAt: number; refreshToken?: string }>;
}

describe('Signing in by the command line', () => {
  const cleanUp = new CleanUp();
  let service: Service;
  let commandLine: CommandLine;

  beforeAll(async () => {
    service = cleanUp.add(await startService());
  });
  beforeEach(() => {
    commandLine = cleanUp.add(new CommandLine());
  });
  afterAll(() => cleanUp.run());

  /** Signs in as a person does, with a browser on another machine. */
  const signIn = async () => {
    const login = commandLine.start(['login', '--service', service.url]);
    const address = await addressIn(() => login.output);
    await confirmDevice(address, 'mcurie');
    expect(await login.ended).toBe(0);
    noteSecrets();
  };
  let signedIn: string | undefined;
  /** As after {@link signIn}, which takes the seconds between two questions for the token. */
  const useSignIn = async () => {
    if (signedIn === undefined) {
      await signIn();
      signedIn = readFileSync(commandLine.path(FILE), 'utf8');
    }
    mkdirSync(commandLine.path('.config/cernvm-pairing'), { recursive: true, mode: 0o700 });
    writeFileSync(commandLine.path(FILE), signedIn, { mode: 0o600 });
  };
  const kept = () => JSON.parse(readFileSync(commandLine.path(FILE), 'utf8')) as Kept;
  const noteSecrets = () => {
    for (const { accessToken, refreshToken } of Object.values(kept().credentials)) {
      secrets.secret('a token', accessToken);
      secrets.secret('a token', refreshToken ?? '');
    }
  };
  /** Changes what is kept of the sign-in. */
  const change = (part: Record<string, unknown>) => {
    const { credentials, ...rest } = kept();
    const changed = { ...credentials[service.url], ...part };
    const text = JSON.stringify({ ...rest, credentials: { [service.url]: changed } });
    writeFileSync(commandLine.path(FILE), text);
  };

  it('is confirmed in a browser, and kept for its owner alone', async () => {
    await signIn();
    expect(statSync(commandLine.path(FILE)).mode & 0o777).toBe(0o600);
    expect(statSync(commandLine.path('.config/cernvm-pairing')).mode & 0o777).toBe(0o700);
    // The service is remembered as well.
    const { stdout, code } = await commandLine.run(['create']);
    secrets.secret('a PIN', stdout.trim());
    expect(code).toBe(0);
    const listed = await commandLine.run(['list', '--json']);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ owner: 'mcurie' }]);
  });

  it('says on a terminal what to open and what to confirm', async () => {
    const terminal = commandLine.onTerminal(['login', '--service', service.url]);
    await terminal.shows('and confirm the code');
    expect(terminal.text).toMatch(/^Open http:\S+\nand confirm the code [A-Z-]{9}\.\n$/);
    await confirmDevice(await addressIn(() => terminal.text), 'mcurie');
    expect(await terminal.end()).toBe(0);
    noteSecrets();
    expect(terminal.text).toContain(`You are signed in at ${service.url}.`);
  });

  it('is renewed when its token has ended', async () => {
    await signIn();
    change({ accessToken: 'expired', expiresAt: Date.now() - 1000 });
    expect((await commandLine.run(['list'])).code).toBe(0);
    noteSecrets();
    expect(kept().credentials[service.url]!.expiresAt).toBeGreaterThan(Date.now());
    expect(statSync(commandLine.path(FILE)).mode & 0o777).toBe(0o600);
  });

  it('that cannot be renewed has to be done again', async () => {
    await useSignIn();
    change({ refreshToken: 'used up', expiresAt: Date.now() - 1000 });
    const { stderr, code } = await commandLine.run(['list']);
    expect(stderr).toContain('Your sign-in has ended. Run: cernvm-pairing login');
    expect(code).toBe(3);
  });

  it('that the service does not accept any more has to be done again', async () => {
    await useSignIn();
    change({ accessToken: 'not a token' });
    const { stderr, code } = await commandLine.run(['list']);
    expect(stderr).toContain('Run: cernvm-pairing login');
    expect(code).toBe(3);
  });

  it('is tried again later when the provider is away', async () => {
    await signIn();
    change({ expiresAt: Date.now() - 1000 });
    service.provider.fail('refuse');
    const { stderr, code } = await commandLine.run(['list']);
    service.provider.fail(undefined);
    expect(stderr).toContain('The identity provider does not answer.');
    expect(code).toBe(5);
    expect((await commandLine.run(['list'])).code).toBe(0);
    noteSecrets();
  });

  it('gives way to a token in the environment', async () => {
    await useSignIn();
    const token = await service.token('lmeitner');
    const { stdout } = await commandLine.run(['list', '--json'], { PAIRING_TOKEN: token });
    expect(JSON.parse(stdout)).toEqual([]);
  });

  it('is forgotten by logout', async () => {
    await useSignIn();
    expect((await commandLine.run(['logout'])).code).toBe(0);
    expect((await commandLine.run(['list', '--service', service.url])).code).toBe(3);
    const again = await commandLine.run(['logout', '--service', service.url, '--json']);
    expect(JSON.parse(again.stdout)).toEqual({ service_url: service.url, was_signed_in: false });
  });

  it('is not used when others can read it', async () => {
    await useSignIn();
    chmodSync(commandLine.path(FILE), 0o644);
    const { stderr, code } = await commandLine.run(['list']);
    expect(stderr).toMatch(/Others can read .*credentials\.json.* Run: chmod 600/);
    expect(code).toBe(3);
  });

  it('that was damaged says how to mend it', async () => {
    await useSignIn();
    writeFileSync(commandLine.path(FILE), '{');
    const { stderr, code } = await commandLine.run(['list']);
    expect(stderr).toContain('is damaged. Remove it and run: cernvm-pairing login');
    expect(code).toBe(3);
  });

  it('is not offered by a service without a public client', async () => {
    const settings = { OIDC_PUBLIC_CLIENT_ID: '' };
    const other = cleanUp.add(await startService(settings, service.provider));
    const { stderr, code } = await commandLine.run(['login', '--service', other.url]);
    expect(stderr).toContain('offers no sign-in for the command line. Set PAIRING_TOKEN');
    expect(code).toBe(3);
  });
});

async function addressIn(output: () => string): Promise<string> {
  await until('the address', () => /confirm the code/.test(output()));
  return /Open (\S+)/.exec(output())![1]!;
}
