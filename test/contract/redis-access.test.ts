import { readFile } from 'node:fs/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { openRedis } from '../../src/storage/redis/open-redis.js';
import { createCertificate } from '../support/certificate.js';
import { RedisServer } from '../support/redis.js';
import { SentinelGroup } from '../support/sentinel.js';
import { describeClusterStore } from './cluster-store.contract.js';

/** What the service's user needs, as docs/operations.md has it. */
const USER =
  'pairing on >p@ss:word/1 ~cluster:* ~limit:* resetchannels &cluster-signals -@all ' +
  '+hello +ping +info +select +scan +eval +evalsha ' +
  '+exists +del +set +incrby +pttl +expire +pexpireat +hget +hmget +hgetall +hset +hdel +hexists +hlen +hincrby +publish +subscribe';

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
      user: ['default off', USER],
    });
    const access = `pairing:${encodeURIComponent('p@ss:word/1')}`;
    return {
      open: () => openRedis(`rediss://${access}@127.0.0.1:${server.port}/3`, clock, console.warn),
      async stop() {
        setDefaultCACertificates(trusted);
        await server.stop();
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
