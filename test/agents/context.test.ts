import { gunzipSync, gzipSync } from 'node:zlib';
import { chmodSync, chownSync, statSync, readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Machine, PLACEHOLDER } from './machine.js';
import { shells } from './shells.js';

const BLOCK = '[ucernvm-begin]\ncvm_cluster_pin=enico1qq0oey\n[ucernvm-end]\n';
const MASTER = BLOCK.replace('\n', '\ncvm_cluster_master=TRUE\n');

const base64 = (text: string | Buffer) =>
  Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\n');
const part = (content: string, type = 'text/plain') =>
  `--b\nContent-Type: ${type}\nContent-Transfer-Encoding: base64\n\n${content}\n`;
const multipart = (...parts: string[]) =>
  `MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n${parts.join('')}--b--`;

const ragged = (text: string) => base64(text).replace(/(.{3})(.{40})/, '$1\n$2\n');
const FOLDED = multipart(part(base64(MASTER)).replace('Encoding: base64', 'Encoding:\n base64'));

describe.each(shells)('A context, read with %s', (shell) => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await Machine.create(shell);
  });
  afterAll(() => machine.remove());
  afterEach(() => machine.reset());

  const read = async (context: string | Buffer) => {
    machine.write('context', context);
    const code = 'read_context "$PAIRING_ROOT/context"; echo "$cluster_pin $cluster_role"';
    return (await machine.runCode(code)).console.trim();
  };
  const replace = async (context: string | Buffer, address = '10.0.0.1') => {
    machine.write('context', context);
    await machine.runCode(
      `fill_in "$PAIRING_ROOT" ${address} "the master is ${address}" "$PAIRING_ROOT/context"`,
    );
    return machine.read('context');
  };

  it.each<[string, string | Buffer, string]>([
    ['an amiconfig file', `[amiconfig]\nplugins=cernvm\n${MASTER}`, 'master'],
    ['a file of another system', BLOCK.replaceAll('\n', '\r\n'), 'worker'],
    ['a cloud-config, as a comment', `#cloud-config\n${MASTER.replace(/^/gm, '# ')}`, 'master'],
    ['a cloud-config, as a string', `a: |\n${MASTER.replace(/^/gm, '    ')}b: 1\n`, 'master'],
    ['a gzip file', gzipSync(MASTER), 'master'],
    ['a part', multipart('--b\n\n#cloud-config\n', `--b\n\n${BLOCK}`), 'worker'],
    ['a part in base64', multipart(part(base64(`${'x'.repeat(99)}\n${MASTER}`))), 'master'],
    ['a part in base64 with folded headers', FOLDED, 'master'],
    ['a part in indented base64', multipart(part(base64(MASTER).replace(/^/gm, '  '))), 'master'],
    ['a part in ragged base64', multipart(part(ragged(MASTER))), 'master'],
    ['base64 as a whole', base64(MASTER), 'master'],
    ['base64 of gzip as a whole', base64(gzipSync(MASTER)), 'master'],
    ['a part in gzip and base64', multipart(part(base64(gzipSync(MASTER)))), 'master'],
    ['a block with blanks', BLOCK.replace('=', ' = ').replace('cvm', '  CVM'), 'worker'],
    [
      'a block with an old PIN commented out',
      BLOCK.replace('cvm', '#cvm_cluster_pin=abcdefghijkl\ncvm'),
      'worker',
    ],
  ])('is understood in %s', async (_, context, role) => {
    expect(await read(context)).toBe(`enico1qq0oey ${role}`);
  });

  it.each(['no', 'off', '0', 'maybe'])('makes a worker of cvm_cluster_master=%s', async (flag) => {
    expect(await read(MASTER.replace('TRUE', flag))).toBe('enico1qq0oey worker');
  });

  it('keeps every byte but the placeholder', async () => {
    const context = `a\t${PLACEHOLDER}${PLACEHOLDER} \\ & / $( ) "é"\r\n\n\n# ${PLACEHOLDER}`;
    expect(await replace(context)).toBe(context.replaceAll(PLACEHOLDER, '10.0.0.1'));
    expect(await replace(`${context}\n`)).toBe(`${context.replaceAll(PLACEHOLDER, '10.0.0.1')}\n`);
  });

  it('is filled in below base64, and other parts keep every byte', async () => {
    const other = part(`${base64('x'.repeat(300))}\r`);
    const filled = await replace(
      multipart(other, part(base64(`a=${PLACEHOLDER}\n`)), '--b\n\nlast\n'),
    );
    expect(filled).toBe(multipart(other, part(base64('a=10.0.0.1\n')), '--b\n\nlast\n'));
  });

  const EOL = '\r\n';
  const long = (address: string) => `${'é'.repeat(40)}\nip=${address}\n${'x'.repeat(200)}\n`;
  /** Base64 in lines of this width. */
  const folded = (text: string | Buffer, width: number, separator = '\n') =>
    Buffer.from(text)
      .toString('base64')
      .match(new RegExp(`.{1,${width}}`, 'g'))!
      .join(separator);

  it.each<[string, (address: string) => string]>([
    ['in a line', (address) => `content: ${folded(long(address), 9999)}\nrunning: on\n`],
    ['an argument', (address) => `echo ${folded(long(address), 9999)} done | base64 -d\n`],
    ['in quotes', (address) => `a: "${folded(long(address), 9999)}"\n`],
    ['in lines', (address) => `base64 -d <<EOF\n${folded(long(address), 76)}\nEOF\n`],
    ['of Windows', (address) => `x${EOL}  ${folded(long(address), 60, `${EOL}  `)}${EOL}y`],
    ['in YAML', (address) => `c: |\n    ${folded(long(address), 64, '\n    ')}\nd: e\n`],
    ['as PyYAML does', (address) => `c: '${folded(long(address), 76, '\n\n    ')}\n\n    '\n`],
    ['twice', (address) => folded(`a ${folded(long(address), 76)} b\n`, 76)],
  ])('is filled in where it stands in base64 %s', async (_, form) => {
    expect(await replace(form(PLACEHOLDER))).toBe(form('10.0.0.1'));
  });

  it('is filled in below gzip and base64', async () => {
    const text = await replace(`gz: ${folded(gzipSync(long(PLACEHOLDER)), 9999)}\n`);
    const [, code = ''] = /^gz: (\S+)\n$/.exec(text)!;
    expect(gunzipSync(Buffer.from(code, 'base64')).toString()).toBe(long('10.0.0.1'));
  });

  it('keeps every byte of base64 that has no placeholder', async () => {
    const key = `ssh-rsa ${folded('x'.repeat(400), 9999)} me\n`;
    const others = `${key}${folded('y'.repeat(300), 70)}\n${folded(gzipSync('z'), 76)}\n`;
    expect(await replace(`${others}${PLACEHOLDER}\n`)).toBe(`${others}10.0.0.1\n`);
  });

  it('keeps mode and owner, and leaves nothing beside it', async () => {
    machine.write('context', PLACEHOLDER);
    const file = machine.file('context');
    chmodSync(file, 0o4751);
    if (process.getuid?.() === 0) chownSync(file, 12, 34);
    const { mode, uid, gid, ino } = statSync(file);
    const before = readdirSync(machine.root);
    await machine.runCode(
      'fill_in "$PAIRING_ROOT" 10.0.0.1 "the master is 10.0.0.1" "$PAIRING_ROOT/context"',
    );
    expect(statSync(file)).toMatchObject({ uid, gid, mode: mode });
    expect(statSync(file).ino).not.toBe(ino);
    expect(readdirSync(machine.root).filter((name) => name !== 'code')).toEqual(before);
  });

  it('is replaced in all files or in none', async () => {
    machine.write('one', PLACEHOLDER);
    const { console, code } = await machine.runCode(
      'fill_in "$PAIRING_ROOT" 10.0.0.1 "the master is 10.0.0.1" "$PAIRING_ROOT/one" "$PAIRING_ROOT/missing" 2>/dev/null',
    );
    expect(code).toBe(1);
    expect(console).toContain('could not be rewritten');
    expect(machine.read('one')).toBe(PLACEHOLDER);
  });

  it('finds its own address on the interface of the default route: IPv4 first, and permanent IPv6', async () => {
    const ip = (code: string) => `ip() { case "$*" in ${code} esac; }; own_address "$1"`;
    const both = ip(`
      '-4 route') echo 'default via 10.0.2.2 dev eth1 onlink';;
      '-o -4 addr show dev eth1 scope global') echo '2: eth1    inet 10.0.2.15/24 brd 10.0.2.255 scope global eth1';;`);
    expect((await machine.runCode(both)).console).toBe('10.0.2.15');
    const six = ip(`
      '-6 route') echo 'default via fe80::2 dev eth0 metric 1024';;
      '-o -6 addr show dev eth0 scope global')
        echo '2: eth0    inet6 fd00::9/64 scope global temporary dynamic'
        echo '2: eth0    inet6 fd00::1/64 scope global dynamic';;`);
    expect((await machine.runCode(six)).console).toBe('fd00::1');
  });

  it('takes settings from the file, and the environment before the file', async () => {
    machine.configure({ BUDGET: '"77"', PAUSE: '08', WHAT: 'reboot' });
    const { console } = await machine.runCode('echo $PAIRING_BUDGET $PAIRING_WAIT', {
      PAIRING_WAIT: '3',
    });
    expect(console).toMatch(
      /ignored an unknown setting: PAIRING_WHAT\n.*PAIRING_PAUSE is not.*\n77 3\n$/,
    );
  });
});
