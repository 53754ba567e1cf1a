import { describe, expect, it } from '@jest/globals';
import { clientAddress, normalAddress, trustOf } from '../../src/http/client-address.js';

describe('The normal form of an address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:40001', '203.0.113.7'],
    ['203.0.113.7:', '203.0.113.7'],
    [' 203.0.113.7 ', '203.0.113.7'],
    ['[203.0.113.7]:5', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
    ['[::ffff:203.0.113.7]:40001', '203.0.113.7'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:5', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]:80', 'fe80::1'],
    ['64:ff9b::192.0.2.77', '64:ff9b::c000:24d'],
  ])('of "%s" is %s', (text, normal) => {
    expect(normalAddress(text)).toBe(normal);
  });

  it.each([
    '',
    'unknown',
    '_hidden',
    '203.0.113',
    '203.0.113.7:x',
    '[2001:db8::1',
    '1',
    '0x7f.1',
    ':5',
  ])('does not exist of "%s"', (text) => {
    expect(normalAddress(text)).toBeUndefined();
  });
});

describe('The address of a client', () => {
  const of = (trusted: number | string[], connection: string | undefined, forwardedFor?: string) =>
    clientAddress(connection, forwardedFor, trustOf(trusted));

  it('is that of the connection where no proxy is trusted', () => {
    expect(of(0, '::ffff:192.0.2.1', '203.0.113.7')).toBe('192.0.2.1');
  });

  it('is what the last of so many proxies saw', () => {
    expect(of(1, '10.0.0.1', '198.51.100.1, 203.0.113.7:40001')).toBe('203.0.113.7');
    expect(of(2, '10.0.0.1', '198.51.100.1, 203.0.113.7, 10.0.0.2')).toBe('203.0.113.7');
  });

  it('is the first that no proxy with a trusted address names', () => {
    const proxies = ['10.0.0.0/8', '2001:db8::/32', '::ffff:192.0.2.1'];
    expect(of(proxies, '::ffff:10.0.0.1', '203.0.113.7, [2001:DB8::5]:443, 192.0.2.1')).toBe(
      '203.0.113.7',
    );
    expect(of(proxies, '198.51.100.1', '203.0.113.7')).toBe('198.51.100.1');
    expect(of(['0.0.0.0/0'], '198.51.100.1', '203.0.113.7')).toBe('203.0.113.7');
  });

  it('is that of the nearest proxy when what that says is no address', () => {
    expect(of(2, '10.0.0.1', '203.0.113.7, unknown')).toBe('10.0.0.1');
    expect(of(3, '10.0.0.1', '203.0.113.7, , 10.0.0.2')).toBe('10.0.0.2');
    expect(of(1, '10.0.0.1', '')).toBe('10.0.0.1');
  });

  it('is the farthest that is named when all are trusted', () => {
    expect(of(9, '10.0.0.1', '203.0.113.7, 10.0.0.2')).toBe('203.0.113.7');
  });

  it('does not exist once its connection is gone', () => {
    expect(of(0, undefined)).toBeUndefined();
    expect(of(1, undefined, '203.0.113.7')).toBeUndefined();
  });
});
