import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Certificate, createCertificate } from '../support/certificate.js';
import { CleanUp } from '../support/clean-up.js';
import { RedisServer } from '../support/redis.js';
import { runService, startService } from '../support/service.js';

describe('REDIS_URL, with a Redis that asks for client certificates,', () => {
  const cleanUp = new CleanUp();
  let server: RedisServer;
  let certificate: Certificate;
  let other: Certificate;
  beforeAll(async () => {
    certificate = cleanUp.add(await createCertificate());
    other = cleanUp.add(await createCertificate());
    server = cleanUp.add(
      await RedisServer.start({
        port: '0',
        'tls-cert-file': certificate.certFile,
        'tls-key-file': certificate.keyFile,
        'tls-ca-cert-file': certificate.certFile,
        'tls-auth-clients': 'yes',
      }),
    );
  });
  afterAll(() => cleanUp.run());

  /** The environment of a service that connects with these files. */
  function env(query: string) {
    const url = `rediss://127.0.0.1:${server.port}/0?${query}`
      .replace('{ca}', certificate.certFile)
      .replace('{cert}', certificate.certFile)
      .replace('{key}', certificate.keyFile)
      .replace('{otherCert}', other.certFile)
      .replace('{otherKey}', other.keyFile);
    return { REDIS_URL: url };
  }

  it('the service connects with the authority of the server and a certificate that the server trusts', async () => {
    const service = await startService(env('sslrootcert={ca}&sslcert={cert}&sslkey={key}'));
    cleanUp.add(service);
    const answer = await fetch(`${service.url}/health/ready`);
    expect(await answer.json()).toMatchObject({ storage: 'up' });
  });

  it.each([
    ['no client certificate', 'sslrootcert={ca}', /wants a client certificate that it trusts/],
    [
      'a client certificate that the server does not trust',
      'sslrootcert={ca}&sslcert={otherCert}&sslkey={otherKey}',
      /wants a client certificate that it trusts/,
    ],
    [
      'another authority',
      'sslrootcert={otherCert}&sslcert={cert}&sslkey={key}',
      /has a TLS certificate that is not trusted/,
    ],
    ['a file that is not there', 'sslrootcert=/none', /sslrootcert in REDIS_URL cannot be read: /],
  ])('the service does not start with %s, and says why', async (_, query, sentence) => {
    const program = runService({ DATA_DIR: server.dir, PORT: '0', ...env(query) });
    expect(await program.ended).toBe(1);
    expect(program.output).toMatch(sentence);
  });
});
