import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { openRedis } from '../../src/storage/redis/open-redis.js';
import { createCertificate } from '../support/certificate.js';
import { RedisServer } from '../support/redis.js';
import { RedisShards } from '../support/redis-shards.js';
import { SentinelGroup } from '../support/sentinel.js';
import { describeClusterStore } from './cluster-store.contract.js';

const PASSWORD = 'p@ss:word/1';
const ACCESS = `pairing:${encodeURIComponent(PASSWORD)}`;

/** What the service's user needs, as docs/operations.md has it: on one Redis, and on a Redis Cluster. */
const [USER, USER_OF_SHARDS] = [
  ...readFileSync('docs/operations.md', 'utf8').matchAll(/^user (pairing on >password[^`]*)$/gm),
].map(([, rights = '']) => rights.trim().replaceAll(/\s+/g, ' ').replace('password', PASSWORD));

describeClusterStore({
  name: 'Redis over TLS, as an ACL user of another database',
  async start(clock) {
    const certificate = await createCertificate();
    const trusted = getCACertificates('default');
    setDefaultCACertificates([...trusted, await readFile(certificate.certFile, 'utf8')]);
    const server = await RedisServer.start({
      port: '0',
      'tls-cert-file': certificate.certFile,
      'tls-key-file': certificate.keyFile,
      'tls-auth-clients': 'no',
      user: ['default off', USER!],
    });
    return {
      open: () => openRedis(`rediss://${ACCESS}@127.0.0.1:${server.port}/3`, clock, console.warn),
      async stop() {
        setDefaultCACertificates(trusted);
        await server.stop();
        await certificate.close();
      },
    };
  },
});

describeClusterStore({
  name: 'a Redis Cluster over TLS, as an ACL user',
  async start(clock) {
    const certificate = await createCertificate();
    const shards = await RedisShards.start(
      {
        port: '0',
        'tls-cert-file': certificate.certFile,
        'tls-key-file': certificate.keyFile,
        'tls-ca-cert-file': certificate.certFile,
        'tls-auth-clients': 'no',
        'tls-cluster': 'yes',
        requirepass: 'of-the-operator',
        user: [USER_OF_SHARDS!],
      },
      { replicas: 0 },
    );
    const url = `${shards.url(`${ACCESS}@`)}?sslrootcert=${certificate.certFile}`;
    return {
      open: () => openRedis(url, clock, console.warn),
      async stop() {
        await shards.stop();
        await certificate.close();
      },
    };
  },
});

describeClusterStore({
  name: 'Redis behind Sentinel, with a password',
  async start(clock) {
    const group = await SentinelGroup.start({}, 'secret');
    return {
      open: () => openRedis(group.url(':secret@'), clock, console.warn),
      stop: () => group.stop(),
    };
  },
});
