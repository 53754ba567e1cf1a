import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  PLACEHOLDER,
  renderContext,
  type Role,
  workerWarning,
} from '../../src/web/browser/context.js';
import { baseContexts } from '../support/contexts.js';

const pairing = { pin: 'enico1qq0oey', serviceUrl: 'https://pairing.example.org' };
const rendered = (base: string, role: Role = 'worker') => {
  const result = renderContext(base, role, pairing);
  if ('problem' in result) throw new Error(result.problem);
  return result.text;
};

describe('A context', () => {
  const amiconfig =
    '[x]\nip=###MASTER_IP_PLACEHOLDER###\n[ucernvm-begin]\ncvmfs_branch=a\n[ucernvm-end]\n';

  it('gets PIN, service and role into its block', () => {
    expect(rendered(amiconfig, 'master')).toBe(
      '[x]\nip=###MASTER_IP_PLACEHOLDER###\n[ucernvm-begin]\ncvm_cluster_pin=enico1qq0oey\n' +
        'cvm_service_url=https://pairing.example.org\ncvm_cluster_master=yes\ncvmfs_branch=a\n[ucernvm-end]\n',
    );
  });

  it('has existing fields replaced in place, once', () => {
    const base =
      '[ucernvm-begin]\nCVM_Cluster_Master = yes\na=b\ncvm_cluster_pin=old\ncvm_cluster_pin=older\n[ucernvm-end]';
    expect(rendered(base)).toBe(
      '[ucernvm-begin]\ncvm_service_url=https://pairing.example.org\ncvm_cluster_master=no\na=b\n' +
        'cvm_cluster_pin=enico1qq0oey\n[ucernvm-end]',
    );
  });

  it('keeps the comment sign of a cloud-config, and the line ends of Windows', () => {
    expect(rendered('#cloud-config\r\n# [ucernvm-begin]\r\n# [ucernvm-end]\r\n')).toBe(
      '#cloud-config\r\n# [ucernvm-begin]\r\n# cvm_cluster_pin=enico1qq0oey\r\n' +
        '# cvm_service_url=https://pairing.example.org\r\n# cvm_cluster_master=no\r\n# [ucernvm-end]\r\n',
    );
  });

  it.each([
    ['', 'no [ucernvm-begin]'],
    ['[ucernvm-begin]\n', 'no [ucernvm-end]'],
    ['[ucernvm-begin]\n# [ucernvm-end]\n', 'no [ucernvm-end]'],
    ['[ucernvm-end]\n[ucernvm-begin]\n', 'comes before'],
    ['[ucernvm-begin]\n[ucernvm-begin]\n[ucernvm-end]', 'more than one [ucernvm-begin]'],
    ['[ucernvm-begin]\n[ucernvm-end]\n[ucernvm-end]', 'more than one [ucernvm-end]'],
    [`[ucernvm-begin]\n${'é'.repeat(8192)}\n[ucernvm-end]`, 'bytes'],
  ])('is refused with a reason: %j', (base, reason) => {
    expect(renderContext(base, 'master', pairing)).toEqual({
      problem: expect.stringContaining(reason),
    });
  });

  it('for workers causes a warning when it has no placeholder', () => {
    expect(workerWarning(amiconfig)).toBeUndefined();
    expect(workerWarning('x')).toContain(PLACEHOLDER);
  });

  it.each([
    '[ucernvm-begin]\n#cvm_cluster_pin=old\n[ucernvm-end]',
    '# [ucernvm-begin]\n# # cvm_cluster_pin=old\n# [ucernvm-end]',
  ])('keeps a field that is commented out, which machines do not read: %j', (base) => {
    const [, comment = ''] = base.split('\n');
    expect(rendered(base).split('\n')).toContain(comment);
    expect(rendered(base)).toContain('cvm_cluster_pin=enico1qq0oey');
  });

  describe('in base64', () => {
    const multipart = (text: string, before = '') =>
      `MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n${before}--b\r\n` +
      'Content-Transfer-Encoding: BASE64\r\nContent-Type: text/plain\r\n\r\n' +
      `${Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\r\n')}\r\n--b--\r\n`;

    it('is refused with advice, because the page cannot write there', () => {
      for (const base of [multipart(amiconfig), multipart(amiconfig, `--b\r\n\r\n${amiconfig}`)]) {
        expect(renderContext(base, 'worker', pairing)).toEqual({
          problem: expect.stringMatching(/base64.*Content-Transfer-Encoding: 7bit/),
        });
      }
    });

    it('causes no warning when it contains the placeholder', () => {
      expect(workerWarning(multipart(amiconfig))).toBeUndefined();
      expect(workerWarning(multipart('x'))).toContain(PLACEHOLDER);
    });
  });

  it('keeps every byte that is not of pairing, multipart or not', () => {
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
        },
      ),
    );
  });
});
