import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { problemOfKey, trimAddress } from '../../src/keys/key.js';
import { MASTER_ADDRESS_PATTERN } from '../../src/keys/master-address.pattern.js';

const matches = (value: string) => new RegExp(MASTER_ADDRESS_PATTERN, 'u').test(value);
const isAccepted = (value: string) =>
  problemOfKey(trimAddress({ name: 'master_ip', value })) === undefined;

describe('The pattern of master_ip in openapi.yaml', () => {
  it.each([
    '10.10.25.5',
    '0.0.0.0',
    '255.255.255.255',
    ' 10.10.25.5 ',
    '::',
    '::1',
    '1::',
    '2001:db8::1',
    '2001:DB8:0:0:0:0:0:1',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '::ffff:10.10.25.5',
    '1:2:3:4:5:6:10.10.25.5',
    'master',
    'm',
    'x1',
    '1x',
    '1-1',
    '1--2',
    'a-b.c-d.example.org',
    '10.10.25.5.example',
    `${'a'.repeat(63)}.example.org`,
  ])('matches what the service accepts: %j', (value) => {
    expect([isAccepted(value), matches(value)]).toEqual([true, true]);
  });

  it.each([
    '10.10.25',
    '10.10.25.256',
    '010.10.25.5',
    '10.10.25.5:80',
    '10.10.25.5/24',
    '10.10.25.5,10.10.25.6',
    '1:2',
    '[::1]',
    'fe80::1%eth0',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    '-a',
    'a-',
    'a..b',
    'a.',
    '.a',
    'a_b',
    'a b',
    'ü.example.org',
    '1',
    '1-',
    'host.1',
    `${'a'.repeat(64)}.example.org`,
    '\t10.10.25.5',
    '/&',
    '',
  ])('does not match what the service refuses: %j', (value) => {
    expect([isAccepted(value), matches(value)]).toEqual([false, false]);
  });

  it('matches every address and every host name that the service accepts', () => {
    const label = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9-]{0,8}$/);
    const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
    const group = fc.stringMatching(/^[0-9a-fA-F]{0,4}$/);
    const groups = fc.array(group, { minLength: 1, maxLength: 9 }).map((all) => all.join(':'));
    fc.assert(
      fc.property(fc.oneof(name, groups, fc.ipV4(), fc.ipV6(), fc.domain()), (value) => {
        fc.pre(isAccepted(value));
        return matches(value);
      }),
      { numRuns: 2000 },
    );
  });
});
