import { describe, expect, it } from '@jest/globals';
import { StartError } from '../../src/errors/start-error.js';
import { parseRedisUrl } from '../../src/storage/redis/redis-url.js';

const SECRET = 'do-not-tell';

describe('REDIS_URL', () => {
  it('needs only a host', () => {
    expect(parseRedisUrl('redis://redis.example.org')).toEqual({
      tls: false,
      username: undefined,
      password: undefined,
      database: 0,
      nodes: [{ host: 'redis.example.org', port: 6379 }],
      masterName: undefined,
      isSharded: false,
    });
  });

  it('may have a user, a password, a port and a database, and TLS', () => {
    expect(parseRedisUrl('rediss://me:p%40ss%3Aword@[2001:db8::1]:6380/3')).toEqual({
      tls: true,
      username: 'me',
      password: 'p@ss:word',
      database: 3,
      nodes: [{ host: '2001:db8::1', port: 6380 }],
      masterName: undefined,
      isSharded: false,
    });
  });

  it('may name sentinels and their master', () => {
    expect(parseRedisUrl('redis+sentinel://:word@one,two:26380/pairing/2')).toEqual({
      tls: false,
      username: undefined,
      password: 'word',
      database: 2,
      nodes: [
        { host: 'one', port: 26_379 },
        { host: 'two', port: 26_380 },
      ],
      masterName: 'pairing',
      isSharded: false,
    });
  });

  it('may name some nodes of a Redis Cluster', () => {
    expect(parseRedisUrl('rediss+cluster://me:word@one,[2001:db8::1]:6380')).toEqual({
      tls: true,
      username: 'me',
      password: 'word',
      database: 0,
      nodes: [
        { host: 'one', port: 6379 },
        { host: '2001:db8::1', port: 6380 },
      ],
      masterName: undefined,
      isSharded: true,
    });
  });

  it('may name the files for TLS', () => {
    const files = { sslrootcert: '/a b/ca.pem', sslcert: '/tls.crt', sslkey: '/tls.key' };
    const url = `rediss://redis.example.org/1?${new URLSearchParams(files).toString()}`;
    expect(parseRedisUrl(url)).toMatchObject({ tls: true, database: 1, tlsFiles: files });
  });

  it.each([
    'redis://host?sslrootcert=/ca.pem',
    'rediss://host?sslrootcert=',
    'rediss://host?sslcert=/tls.crt',
    'rediss://host?sslkey=/tls.key',
    'rediss://host?sslmode=require',
    `rediss://:${SECRET}@host?db=1`,
  ])('is refused with the rule for these files: %s', (url) => {
    const parse = () => parseRedisUrl(url);
    expect(parse).toThrow(/^REDIS_URL may end with \?sslrootcert=/);
    expect(parse).not.toThrow(SECRET);
  });

  it.each([
    [`redis://:${SECRET}@one,two`, /^REDIS_URL names several hosts, so it must begin with /],
    [`rediss://:${SECRET}@one,two/1`, /^REDIS_URL names several hosts, so it must begin with /],
    [`redis+cluster://:${SECRET}@one,two/1`, /^REDIS_URL with redis\+cluster ends with its hosts/],
    [
      `redis+cluster://:${SECRET}@one/pairing`,
      /^REDIS_URL with redis\+cluster ends with its hosts/,
    ],
  ])('that mixes forms is refused with what to change: %s', (url, sentence) => {
    const parse = () => parseRedisUrl(url);
    expect(parse).toThrow(sentence);
    expect(parse).not.toThrow(SECRET);
  });

  it.each([
    'localhost:6379',
    'http://localhost:6379',
    'redis://',
    `redis://user:${SECRET}@`,
    `redis://:${SECRET}@host:port`,
    `redis://:${SECRET}@host:70000`,
    `redis://:${SECRET}@host/one`,
    `redis://:${SECRET}@host/1/2`,
    `redis://:${SECRET}%@host`,
    `redis+sentinel://:${SECRET}@host`,
    `redis+sentinel://:${SECRET}@host/`,
    `redis+sentinel://:${SECRET}@host,/name`,
    `redis+sentinel://:${SECRET}@host/name/1/2`,
    `redis+cluster://:${SECRET}@`,
    `redis+cluster+sentinel://:${SECRET}@host/name`,
    `redis+shards://:${SECRET}@host`,
  ])('is refused with the rule, and not printed: %s', (url) => {
    const parse = () => parseRedisUrl(url);
    expect(parse).toThrow(StartError);
    expect(parse).toThrow(/^REDIS_URL must be redis\[s\]:\/\//);
    expect(parse).not.toThrow(SECRET);
  });
});
