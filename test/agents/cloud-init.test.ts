import { statSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Service, startService } from '../support/service.js';
import { AS_MASTER, contextOf, Machine, PLACEHOLDER } from './machine.js';
import { shells } from './shells.js';

const INSTANCE = 'var/lib/cloud/instance';
const CLOUD_CONFIG = `runcmd:\n- echo 'join ${PLACEHOLDER}'\n`;
const SCRIPT = `#!/bin/sh\njoin ${PLACEHOLDER}\n`;
const filledIn = (text: string) => text.replace(PLACEHOLDER, '10.10.25.5');
const base64 = (text: string) => Buffer.from(text).toString('base64');

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

describe.each(shells)('Under cloud-init, with %s,', (shell) => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await Machine.create(shell);
  });
  afterAll(() => machine.remove());
  afterEach(() => machine.reset());

  /** What cloud-init's network stage leaves behind, at every boot. */
  const networkStage = (context: string) => {
    machine.write(`${INSTANCE}/user-data.txt`, context);
    machine.write(`${INSTANCE}/cloud-config.txt`, CLOUD_CONFIG, 0o600);
    machine.write(`${INSTANCE}/scripts/part-001`, SCRIPT, 0o700);
    machine.write(`${INSTANCE}/boothooks/part-002`, SCRIPT, 0o700);
  };
  const cloudInitStatusIs = (code: number) => machine.stub('cloud-init', `exit ${code}`);
  const addKeys = async (pin: string, keys: Record<string, string>) => {
    for (const [key, value] of Object.entries(keys)) await service.addKey(pin, key, value);
  };
  const READY = { master_ip: '10.10.25.5', master_ready: 'true' };

  it('a worker writes the address of its master into what the later stages read, and nowhere else', async () => {
    const pin = await service.issuePin();
    await addKeys(pin, READY);
    const context = contextOf(pin, service.url);
    networkStage(context);
    expect(await machine.runService('contextualize')).toEqual({
      console:
        'Cluster pairing: the master is 10.10.25.5: 2 placeholders replaced.\n' +
        'Cluster pairing: too early: the boothook part-002 has run already; make it a script.\n',
      code: 0,
    });
    expect(machine.read(`${INSTANCE}/cloud-config.txt`)).toBe(filledIn(CLOUD_CONFIG));
    expect(machine.read(`${INSTANCE}/scripts/part-001`)).toBe(filledIn(SCRIPT));
    expect(machine.read(`${INSTANCE}/user-data.txt`)).toBe(filledIn(context));
    expect(machine.read(`${INSTANCE}/boothooks/part-002`)).toBe(SCRIPT);
    expect(statSync(machine.file(`${INSTANCE}/scripts/part-001`)).mode & 0o777).toBe(0o700);
  });

  it('a worker that boots again after its PIN has ended still has the address', async () => {
    const pin = await service.issuePin();
    await addKeys(pin, READY);
    networkStage(contextOf(pin, service.url));
    await machine.runService('contextualize');
    await fetch(`${service.url}/api/v1/clusters/${pin}`, { method: 'DELETE' });

    networkStage(contextOf(pin, service.url));
    expect((await machine.runService('contextualize')).code).toBe(0);
    expect(machine.read(`${INSTANCE}/cloud-config.txt`)).toContain('10.10.25.5');
    expect(statSync(machine.file(`${INSTANCE}/cluster-pairing`)).mode & 0o777).toBe(0o600);
  });

  it('a worker without a master fails for systemd to see, its context untouched', async () => {
    const context = contextOf('abcdefghijkl', service.url);
    networkStage(context);
    const { console, code } = await machine.runService('contextualize');
    expect(code).toBe(1);
    expect(console).toContain('gave up: the service does not know this PIN');
    expect(machine.read(`${INSTANCE}/cloud-config.txt`)).toBe(CLOUD_CONFIG);
  });

  describe('a worker reports', () => {
    /** The console after these files were there; `source` is the user-data, block and service put before. */
    const console = async (source: string, files: Record<string, string>) => {
      const pin = await service.issuePin();
      for (const [key, value] of Object.entries(READY)) await service.addKey(pin, key, value);
      const block = contextOf(pin, service.url).replace(PLACEHOLDER, 'none').replace(/^/gm, '# ');
      const text = source.replace('BLOCK', block);
      machine.write(`${INSTANCE}/user-data.txt`, text);
      for (const [name, content] of Object.entries(files))
        machine.write(`var/lib/cloud/${name}`, content);
      const lines = (await machine.runService('contextualize')).console.trim().split('\n');
      return { text, lines: lines.map((line) => line.replace('Cluster pairing: ', '')) };
    };
    const cloudConfig = (text: string) => ({ 'instance/cloud-config.txt': text });
    const lineOf = (text: string, words: string) => text.split(words)[0]!.split('\n').length;

    it('that scripts per boot, per instance and once get the address', async () => {
      const names = ['per-boot', 'per-instance', 'per-once'].map(
        (each) => `scripts/${each}/a b.sh`,
      );
      const { lines } = await console(
        '#!/bin/sh\nBLOCK',
        Object.fromEntries(names.map((name) => [name, SCRIPT])),
      );
      expect(lines).toEqual(['the master is 10.10.25.5: 3 placeholders replaced.']);
      for (const name of names)
        expect(machine.read(`var/lib/cloud/${name}`)).toBe(filledIn(SCRIPT));
    });

    it('how many placeholders come too late, and which', async () => {
      const merged = `#cloud-config
bootcmd:
- 'echo ${PLACEHOLDER} ${PLACEHOLDER}'
runcmd:
- 'join ${PLACEHOLDER}'
users:
-   name: ${PLACEHOLDER}
write_files:
-   content: "a=${PLACEHOLDER}"
    path: /etc/early
-   content: "a=${PLACEHOLDER}"
    defer: true
    path: /etc/late
-   content: '${base64(`a=${PLACEHOLDER} ${PLACEHOLDER}`)}

        '
    encoding: b64
    path: /etc/encoded
`;
      const { lines } = await console('#cloud-config\nBLOCK', cloudConfig(merged));
      expect(lines).toEqual([
        'the master is 10.10.25.5: 8 placeholders replaced, 2 of which will still be read.',
        'too early: bootcmd has run already; use runcmd.',
        'too early: users was applied in the network stage; do it by runcmd.',
        'too early: write_files has written /etc/early already; give it defer: true.',
        'too early: write_files has written /etc/encoded already; give it defer: true.',
      ]);
      const written = machine.read(`${INSTANCE}/cloud-config.txt`);
      expect(written).toBe(
        merged
          .replaceAll(PLACEHOLDER, '10.10.25.5')
          .replace(/(content: ')[^'\n]+/, `$1${base64('a=10.10.25.5 10.10.25.5')}`),
      );
    });

    it('which placeholders YAML took for comments, and not of those that it kept', async () => {
      const source = `#cloud-config
BLOCK
runcmd:
  - join ${PLACEHOLDER} # lost 1
  - echo it's ${PLACEHOLDER} # lost 2
  - 'join ${PLACEHOLDER}'
  - join a${PLACEHOLDER}
  - "join
     ${PLACEHOLDER}"
  - [ join, "${PLACEHOLDER}" ]
  - |
    join ${PLACEHOLDER}
  - echo # ${PLACEHOLDER}
# ${PLACEHOLDER}
address: ${PLACEHOLDER} # lost 3
`;
      const { text, lines } = await console(source, cloudConfig(`a: '${PLACEHOLDER}'\n`));
      const lost = [1, 2, 3].map((each) => lineOf(text, `# lost ${each}`));
      expect(lines).toEqual([
        'the master is 10.10.25.5: 1 placeholder replaced.',
        ...lost.map(
          (line) =>
            `lost to YAML: a comment begins with the placeholder in line ${line}; put quotes around it.`,
        ),
      ]);
    });

    it('nothing about YAML when the placeholder stands in a part that is not YAML', async () => {
      const multipart = (type: string) => `MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="//"

--//
Content-Type: ${type}

join ${PLACEHOLDER}
--//
Content-Type: text/cloud-config

#cloud-config
BLOCK
--//--
`;
      const { lines } = await console(multipart('text/x-shellscript'), {
        'instance/scripts/part-001': SCRIPT,
      });
      expect(lines).toEqual(['the master is 10.10.25.5: 1 placeholder replaced.']);
      const yaml = await console(multipart('text/cloud-config'), cloudConfig('a: b\n'));
      expect(yaml.lines).toEqual([
        'the master is 10.10.25.5, but cloud-init will read no placeholder for it.',
        expect.stringContaining('lost to YAML'),
      ]);
    });

    it('that cloud-init took nothing', async () => {
      const { lines } = await console(
        `\n#cloud-confg\nBLOCK\na: '${PLACEHOLDER}'\n`,
        cloudConfig(''),
      );
      expect(lines).toEqual([
        'the master is 10.10.25.5, but cloud-init will read no placeholder for it.',
        'cloud-init took nothing from this user-data: it must begin with #cloud-config, #! or MIME headers.',
      ]);
    });
  });

  it('a master registers before the later stages, and is announced after they succeeded', async () => {
    const pin = await service.issuePin();
    networkStage(contextOf(pin, service.url, AS_MASTER));
    expect((await machine.runService('contextualize')).code).toBe(0);
    expect(await service.keyText(pin, 'master_ip')).toBe('master_ip: 127.0.0.1');
    expect(await service.keyText(pin, 'master_ready')).toBe('');

    for (const boot of ['first', 'second']) {
      const { console, code } = await machine.runService('announce-ready', cloudInitStatusIs(0));
      expect([boot, code, console]).toEqual([
        boot,
        0,
        'Cluster pairing: announced master_ready.\n',
      ]);
    }
    expect(await service.keyText(pin, 'master_ready')).toBe('master_ready: true');
  });

  it('a master that could not register earlier does so when it is ready', async () => {
    const pin = await service.issuePin();
    networkStage(contextOf(pin, service.url, AS_MASTER));
    expect((await machine.runService('announce-ready', cloudInitStatusIs(2))).code).toBe(0);
    expect(await service.keyText(pin, 'master_ip')).toBe('master_ip: 127.0.0.1');
    expect(await service.keyText(pin, 'master_ready')).toBe('master_ready: true');
  });

  it('a master whose boot failed announces that, unless the setting forbids it', async () => {
    const pin = await service.issuePin();
    networkStage(contextOf(pin, service.url, AS_MASTER));
    await machine.runService('contextualize');
    const failed = cloudInitStatusIs(1);
    const silent = await machine.runService('announce-ready', {
      ...failed,
      PAIRING_ANNOUNCE_FAILURE: 'no',
    });
    expect(silent).toEqual({
      console: 'Cluster pairing: not announced as ready: cloud-init status is 1.\n',
      code: 1,
    });
    expect(await service.keyText(pin, 'master_failed')).toBe('');

    machine.write(
      'run/cloud-init/result.json',
      `{"v1":{"errors":["('scripts_user', RuntimeError('Runparts: 1 failures'))"]}}`,
    );
    const { console, code } = await machine.runService('announce-ready', failed);
    const reason = 'cloud-init status is 1 (scripts_user)';
    expect(console).toBe(
      `Cluster pairing: not announced as ready: ${reason}.\nCluster pairing: announced master_failed.\n`,
    );
    expect(code).toBe(1);
    expect(await service.keyText(pin, 'master_failed')).toBe(`master_failed: ${reason}`);
    expect(await service.keyText(pin, 'master_ready')).toBe('');
  });

  it('a second master whose boot failed does not speak for the cluster', async () => {
    const pin = await service.issuePin();
    await service.addKey(pin, 'master_ip', '10.10.25.5');
    networkStage(contextOf(pin, service.url, AS_MASTER));
    const { console } = await machine.runService('announce-ready', cloudInitStatusIs(1));
    expect(console).toContain('gave up: another machine is the master');
    expect(await service.keyText(pin, 'master_failed')).toBe('');
  });

  it('a machine without a context, or in no cluster, is not changed, and nothing is printed', async () => {
    const silence = { console: '', code: 0 };
    expect(await machine.runService('contextualize')).toEqual(silence);
    networkStage('#cloud-config\n{}\n');
    expect(await machine.runService('contextualize')).toEqual(silence);
    expect(await machine.runService('announce-ready')).toEqual(silence);
  });
});
