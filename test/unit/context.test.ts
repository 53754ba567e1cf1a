import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  PLACEHOLDER,
  renderContext,
  type Role,
  workerWarning,
} from '../../src/web/browser/context.js';

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

  it('has what was there replaced where it stands, and once', () => {
    const base =
      '[ucernvm-begin]\nCVM_Cluster_Master = yes\na=b\ncvm_cluster_pin=old\ncvm_cluster_pin=older\n[ucernvm-end]';
    expect(rendered(base)).toBe(
      '[ucernvm-begin]\ncvm_service_url=https://pairing.example.org\ncvm_cluster_master=no\na=b\n' +
        'cvm_cluster_pin=enico1qq0oey\n[ucernvm-end]',
    );
  });

  it('keeps the margin of a comment, as cloud-config has it, and the line ends of Windows', () => {
    expect(rendered('#cloud-config\r\n# [ucernvm-begin]\r\n# [ucernvm-end]\r\n')).toBe(
      '#cloud-config\r\n# [ucernvm-begin]\r\n# cvm_cluster_pin=enico1qq0oey\r\n' +
        '# cvm_service_url=https://pairing.example.org\r\n# cvm_cluster_master=no\r\n# [ucernvm-end]\r\n',
    );
  });

  it.each([
    ['', 'no [ucernvm-begin]'],
    ['[ucernvm-begin]\n', 'no [ucernvm-end]'],
    ['[ucernvm-end]\n[ucernvm-begin]\n', 'comes before'],
    ['[ucernvm-begin]\n[ucernvm-begin]\n[ucernvm-end]', 'more than one [ucernvm-begin]'],
    ['[ucernvm-begin]\n[ucernvm-end]\n[ucernvm-end]', 'more than one [ucernvm-end]'],
    [`[ucernvm-begin]\n${'é'.repeat(8192)}\n[ucernvm-end]`, 'bytes'],
  ])('is refused with a reason: %j', (base, reason) => {
    expect(renderContext(base, 'master', pairing)).toEqual({
      problem: expect.stringContaining(reason),
    });
  });

  it('for workers is warned of when it has no placeholder', () => {
    expect(workerWarning(amiconfig)).toBeUndefined();
    expect(workerWarning('x')).toContain(PLACEHOLDER);
  });

  it('has no line changed that pairing does not own, whatever it holds', () => {
    // No line of ours; everything else, control characters included.
    const foreign = fc
      .string({ unit: 'binary', maxLength: 40 })
      .filter((line) => !/\n|ucernvm-|cvm_/i.test(line));
    const own = fc.constantFrom(
      'cvm_cluster_pin=x',
      ' CVM_SERVICE_URL = y',
      '# cvm_cluster_master=1',
    );
    const withoutOurs = (text: string) =>
      text.split('\n').filter((line) => !/cvm_(cluster_(pin|master)|service_url)/i.test(line));
    fc.assert(
      fc.property(
        fc.array(foreign, { maxLength: 20 }),
        fc.array(fc.oneof(foreign, own), { maxLength: 20 }),
        fc.array(foreign, { maxLength: 20 }),
        fc.constantFrom('', '# ', '    '),
        fc.constantFrom<Role>('master', 'worker'),
        (before, inside, after, margin, role) => {
          const base = [
            ...before,
            `${margin}[ucernvm-begin]`,
            ...inside,
            `${margin}[ucernvm-end]`,
            ...after,
          ].join('\n');
          const once = rendered(base, role);
          expect(withoutOurs(once)).toEqual(withoutOurs(base));
          expect(once.match(/cvm_cluster_pin=enico1qq0oey/g)).toHaveLength(1);
          expect(rendered(once, role)).toBe(once);
        },
      ),
    );
  });
});
