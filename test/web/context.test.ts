import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  adviseOn,
  examples,
  openUserData,
  PLACEHOLDER,
  renderContext,
  type Role,
  WORKERS_PLACEHOLDER,
  wrapUserData,
} from '../../context/context.js';
import { baseContexts } from '../support/contexts.js';

const pairing = { pin: 'enico1qq0oey', serviceUrl: 'https://pairing.example.org' };
const rendered = (base: string, role: Role = 'worker') => {
  const result = renderContext(base, role, pairing);
  if ('problem' in result) throw new Error(result.problem);
  return result.text;
};
const sentences = (base: string) => adviseOn(base).map(({ sentence }) => sentence);
/** What the context is after the change that the first advice with one offers. */
const fixed = (base: string) =>
  adviseOn(base)
    .find(({ fix }) => fix)!
    .fix!.apply();

const amiconfig = `[x]\nip=${PLACEHOLDER}\n[ucernvm-begin]\ncvmfs_branch=a\n[ucernvm-end]\n`;
const cloudConfig = `#cloud-config\n# [ucernvm-begin]\n# [ucernvm-end]\nruncmd:\n  - 'join ${PLACEHOLDER}'\n`;
const folded = (text: string, separator = '\r\n') =>
  Buffer.from(text)
    .toString('base64')
    .replace(/.{76}(?=.)/g, `$&${separator}`);
/** A part as Python's own e-mail package writes it, among others. */
const inBase64 = (text: string, before = '') =>
  `MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary="//"\r\n\r\n${before}--//\r\n` +
  'Content-Transfer-Encoding: BASE64\r\nContent-Type: text/plain\r\n\r\n' +
  `${folded(text)}\r\n--//--\r\n`;

describe('A context', () => {
  it('gets PIN, service and role into its block', () => {
    expect(rendered(amiconfig, 'master')).toBe(
      `[x]\nip=${PLACEHOLDER}\n[ucernvm-begin]\ncvm_cluster_pin=enico1qq0oey\n` +
        'cvm_service_url=https://pairing.example.org\ncvm_cluster_master=yes\ncvmfs_branch=a\n[ucernvm-end]\n',
    );
  });

  it('has a field that was there replaced where it stands, and once', () => {
    const base =
      '[ucernvm-begin]\nCVM_Cluster_Master = yes\na=b\ncvm_cluster_pin=old\ncvm_cluster_pin=older\n[ucernvm-end]';
    expect(rendered(base)).toBe(
      '[ucernvm-begin]\ncvm_service_url=https://pairing.example.org\ncvm_cluster_master=no\na=b\n' +
        'cvm_cluster_pin=enico1qq0oey\n[ucernvm-end]',
    );
  });

  describe('with a list of workers', () => {
    const listing = `x=${WORKERS_PLACEHOLDER}\n${amiconfig}`;
    const asking = listing.replace('cvmfs_branch=a', 'cvm_cluster_workers=3');
    const renderedFor = (base: string, role: Role, workers?: number) => {
      const result = renderContext(base, role, { ...pairing, workers });
      return 'problem' in result ? result.problem : result.text;
    };

    it('gets the number of workers for its master, if it is known and has a use', () => {
      const encoded = inBase64(
        `#!/bin/sh\n# a script that is long enough\nserve ${WORKERS_PLACEHOLDER}\n`,
        `--//\n\n${amiconfig}\n`,
      );
      for (const base of [listing, encoded]) {
        expect(renderedFor(base, 'master', 8)).toContain('\ncvm_cluster_workers=8\n');
        expect(renderedFor(base, 'master')).not.toContain('cvm_cluster_workers');
        expect(renderedFor(base, 'worker', 8)).not.toContain('cvm_cluster_workers');
      }
      expect(renderedFor(amiconfig, 'master', 8)).not.toContain('cvm_cluster_workers');
    });

    it('keeps the number that it has, unless another one is given', () => {
      expect(renderedFor(asking, 'master')).toContain('\ncvm_cluster_workers=3\n');
      expect(renderedFor(asking, 'worker', 8)).toContain('\ncvm_cluster_workers=3\n');
      expect(renderedFor(asking, 'master', 8).match(/cvm_cluster_workers=\d+/g)).toEqual([
        'cvm_cluster_workers=8',
      ]);
    });

    it.each(['0', '5001', 'many', '', '1e3'])('cannot be made for "%s" workers', (number) => {
      expect(renderedFor(asking.replace('workers=3', `workers=${number}`), 'master')).toBe(
        'Line 5: cvm_cluster_workers must be a number from 1 to 5000.',
      );
    });

    it('gets advice on a list without a number, and on a number without a list', () => {
      expect(sentences(listing)).toEqual([expect.stringContaining('add cvm_cluster_workers=N')]);
      expect(adviseOn(listing, [], 8)).toEqual([]);
      expect(sentences(asking)).toEqual([]);
      const unused = asking.replace(WORKERS_PLACEHOLDER, 'none');
      expect(sentences(unused)).toEqual([
        expect.stringContaining(`there is no ${WORKERS_PLACEHOLDER} for their addresses`),
      ]);
    });

    it('gets advice on a place that is read too early, as for the address of the master', () => {
      const early = `${cloudConfig.replace('begin]\n', 'begin]\n# cvm_cluster_workers=3\n')}bootcmd:\n  - 'x ${WORKERS_PLACEHOLDER}'\n`;
      expect(sentences(early)).toContainEqual(
        'Line 8: bootcmd runs before the address is known: use runcmd.',
      );
    });
  });

  it('keeps the margin of a comment, as cloud-config has it, and the line ends of Windows', () => {
    expect(rendered('#cloud-config\r\n# [ucernvm-begin]\r\n# [ucernvm-end]\r\n')).toBe(
      '#cloud-config\r\n# [ucernvm-begin]\r\n# cvm_cluster_pin=enico1qq0oey\r\n' +
        '# cvm_service_url=https://pairing.example.org\r\n# cvm_cluster_master=no\r\n# [ucernvm-end]\r\n',
    );
  });

  it.each([
    ['', 'It has no [ucernvm-begin]'],
    ['a\n [ ucernvm_begin ]', 'Line 2 must be [ucernvm-begin]'],
    ['a\n\u200b[ucernvm-begin]\n[ucernvm-end]', 'Line 2 has an invisible character'],
    ['a\n[ucernvm-begin]\n', 'The block in line 2 has no [ucernvm-end]'],
    ['[ucernvm-begin]\n# [ucernvm-end]\n', 'no [ucernvm-end]'],
    ['[ucernvm-end]\n[ucernvm-begin]\n', '[ucernvm-end] in line 1 comes before'],
    [
      '[ucernvm-begin]\n[ucernvm-begin]\n[ucernvm-end]',
      'more than one [ucernvm-begin], in lines 1 and 2',
    ],
    [
      '[ucernvm-begin]\n[ucernvm-end]\n[ucernvm-end]',
      'more than one [ucernvm-end], in lines 2 and 3',
    ],
    [inBase64(amiconfig, `--//\r\n\r\n${amiconfig}`), 'keep one block'],
    [inBase64('[ucernvm-begin]\n'), 'no [ucernvm-end]'],
  ])('is refused with a reason that names the line: %j', (base, reason) => {
    expect(renderContext(base, 'master', pairing)).toEqual({
      problem: expect.stringContaining(reason),
    });
  });

  it.each([
    '[ucernvm-begin]\n#cvm_cluster_pin=old\n[ucernvm-end]',
    '# [ucernvm-begin]\n# # cvm_cluster_pin=old\n# [ucernvm-end]',
  ])('keeps a field that is commented out, which machines do not read: %j', (base) => {
    const [, comment = ''] = base.split('\n');
    expect(rendered(base).split('\n')).toContain(comment);
    expect(rendered(base)).toContain('cvm_cluster_pin=enico1qq0oey');
  });

  it('is written in a part in base64 that has the block, folded as it was, the rest as it is', () => {
    for (const text of [amiconfig, `${'é'.repeat(200)}\n${amiconfig}`]) {
      expect(rendered(inBase64(text))).toBe(inBase64(rendered(text)));
    }
    const other = `--//\r\nContent-Transfer-Encoding: base64\r\n\r\n${folded('x'.repeat(200))}\r\n`;
    expect(rendered(inBase64(amiconfig, other))).toBe(inBase64(rendered(amiconfig), other));
  });

  it('has no byte changed that pairing does not own, whatever it holds, multipart or not', () => {
    fc.assert(
      fc.property(
        baseContexts('binary'),
        fc.constantFrom<Role>('master', 'worker'),
        ({ text, margin, owned }, role) => {
          const written = [
            `${margin}cvm_cluster_pin=enico1qq0oey`,
            `${margin}cvm_service_url=https://pairing.example.org`,
            `${margin}cvm_cluster_master=${role === 'master' ? 'yes' : 'no'}`,
          ];
          const ours = new Set([...owned, ...written]);
          const isOurs = (line: string) => ours.has(line.replace(/\r$/, ''));
          const foreign = (lines: string) => lines.split('\n').filter((line) => !isOurs(line));

          const once = rendered(text, role);
          expect(foreign(once)).toEqual(foreign(text));
          expect(once.split(/\r?\n/).filter(isOurs).toSorted()).toEqual(written.toSorted());
          expect(rendered(once, role)).toBe(once);
          expect(() => adviseOn(text)).not.toThrow();
        },
      ),
    );
  });
});

describe('Advice on a context', () => {
  it('is silent on one that every image reads', () => {
    expect(sentences(amiconfig)).toEqual([]);
    expect(sentences(examples['mime']!)).toEqual([]);
  });

  it.each([
    ['in comments', cloudConfig, 'the block in line 2 is in comments'],
    [
      'with a margin',
      `a: |\n${amiconfig.replace(/^/gm, '  ')}`,
      'the block in line 4 has a margin',
    ],
    ['of Windows', amiconfig.replaceAll('\n', '\r\n'), 'line 3 has a Windows line end'],
    ['with a trailing blank', amiconfig.replace('end]', 'end] '), 'line 5 has a blank'],
    ['in base64', inBase64(amiconfig), 'it is in a part in base64'],
  ])('says that old images will not read a block %s, and offers what they read', (_, base, why) => {
    expect(sentences(base)).toEqual([
      expect.stringMatching(/^Images without the new agent will not read/),
    ]);
    expect(sentences(base)[0]).toContain(why);
    const better = fixed(base);
    expect(sentences(better)).toEqual([]);
    expect(rendered(better, 'master')).toMatch(
      /^\[ucernvm-begin\]\ncvm_cluster_pin=enico1qq0oey\ncvm_service_url=.*\ncvm_cluster_master=yes\n/m,
    );
    expect(better).toContain(PLACEHOLDER);
  });

  it('names an invisible character, and takes it off on a click', () => {
    const beginning = amiconfig.slice(amiconfig.indexOf('[ucernvm'));
    for (const [hidden, line] of [
      [`\ufeff${cloudConfig}`, 1],
      [`\ufeff${beginning}`, 1],
      [amiconfig.replace('[ucernvm-begin]', '\u00a0[ucernvm-begin]'), 3],
      [amiconfig.replace('[ucernvm-end]', '[ucernvm-end]\u200b'), 5],
    ] as const) {
      expect(sentences(hidden)[0]).toMatch(
        new RegExp(`^Line ${line} .*(byte-order mark|invisible)`),
      );
      const plain = hidden.replace(/[\ufeff\u00a0\u200b]/g, '');
      expect(fixed(hidden)).toBe(plain);
    }
    expect(sentences(`é\u00a0\n${amiconfig}`)).toEqual([]);
  });

  it('points at each placeholder that comes too early or is lost to YAML, by its line', () => {
    const base = `${examples['mime']!.split('#cloud-config')[0]}#cloud-config
bootcmd:
  - echo "${PLACEHOLDER}"
mounts: [ [ "${PLACEHOLDER}:/home", /home ] ]
write_files:
  - path: /early
    content: |
      a=${PLACEHOLDER}
  - { path: /late, content: "${PLACEHOLDER}", defer: true }
runcmd:
  - join ${PLACEHOLDER}
  - "join ${PLACEHOLDER}"
# ${PLACEHOLDER}
address: ${PLACEHOLDER}
--context
Content-Type: text/cloud-boothook

#cloud-boothook
join ${PLACEHOLDER}
--context--
`;
    const at = (words: string) => base.split(words)[0]!.split('\n').length;
    expect(sentences(base)).toEqual([
      `Line ${at('echo "')}: bootcmd runs before the address is known: use runcmd.`,
      `Line ${at('mounts')}: mounts is applied before the address is known: do it by runcmd.`,
      `Line ${at('a=#')}: write_files writes this before the address is known: give it "defer: true".`,
      `Line ${at('- join')}: YAML takes the placeholder for a comment: put quotes around it.`,
      `Line ${at('address:')}: YAML takes the placeholder for a comment: put quotes around it.`,
      `Line ${at('join ###MASTER_IP_PLACEHOLDER###\n--')}: a boothook runs before the address is known: make it a script.`,
    ]);
  });

  it('says when workers would learn no address, and looks into base64 for it', () => {
    const none = amiconfig.replace(PLACEHOLDER, '10.0.0.1');
    expect(sentences(none)).toEqual([expect.stringContaining(`no ${PLACEHOLDER}`)]);
    const file = (content: string) =>
      `${none}write_files:\n  - encoding: b64\n    content: ${content}\n`;
    expect(sentences(file(folded(`ip=${PLACEHOLDER}\n`)))).toEqual([]);
    expect(sentences(file(folded(`x${PLACEHOLDER.repeat(9)}`, '\n      ')))).toEqual([]);
    expect(sentences(file(folded('x'.repeat(40))))).toHaveLength(1);
  });

  it('warns of a size that some clouds refuse, with their limits, and refuses none', () => {
    const large = `${'x'.repeat(16 * 1024)}\n${amiconfig}`;
    expect(sentences(large)).toEqual([expect.stringMatching(/17 KiB: Amazon EC2 takes 16 KiB/)]);
    expect(rendered(large)).toContain('enico1qq0oey');
    expect(rendered(`${'x'.repeat(300 * 1024)}\n${amiconfig}`)).toContain('enico1qq0oey');
  });
});

describe('User-data that is opened', () => {
  const base64 = (data: Buffer | string) => Buffer.from(data).toString('base64');

  it.each<[string, Buffer, string[]]>([
    ['text', Buffer.from(amiconfig), []],
    ['gzip', gzipSync(amiconfig), ['gzip']],
    ['base64', Buffer.from(folded(amiconfig, '\n')), ['base64']],
    ['gzip in base64', Buffer.from(base64(gzipSync(amiconfig))), ['base64', 'gzip']],
  ])(
    'as %s as a whole is shown as text, named, and given back as it came',
    async (_, data, kinds) => {
      const opened = (await openUserData(new Uint8Array(data)))!;
      expect(opened.text).toBe(amiconfig);
      expect(opened.wrapping.map(({ kind }) => kind)).toEqual(kinds);
      const advice = adviseOn(opened.text, opened.wrapping).map(({ sentence }) => sentence);
      expect(advice).toEqual(
        kinds.map((kind) => expect.stringContaining(`It is ${kind} as a whole`)),
      );
      const wrapped = await wrapUserData({ ...opened, text: rendered(opened.text) });
      expect(await openUserData(wrapped)).toMatchObject({ text: rendered(amiconfig) });
      expect((await openUserData(wrapped))!.wrapping.map(({ kind }) => kind)).toEqual(kinds);
    },
  );

  it('that is no text is not taken', async () => {
    expect(await openUserData(new Uint8Array([0xff, 0x00]))).toBeUndefined();
    await expect(openUserData(new Uint8Array([0x1f, 0x8b, 1]))).rejects.toThrow();
  });
});
