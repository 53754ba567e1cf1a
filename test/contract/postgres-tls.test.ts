import { chownSync, copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Certificate, createCertificate } from '../support/certificate.js';
import { CleanUp } from '../support/clean-up.js';
import { type HostedService, hostService } from '../support/hosted-service.js';
import { PostgresServer } from '../support/postgres.js';
import { until } from '../support/process.js';
import type { RunningService } from '../support/running-service.js';
import { startProvider, startService } from '../support/service.js';

describe('DATABASE_URL with TLS', () => {
  const cleanUp = new CleanUp();
  let server: PostgresServer;
  let certificate: Certificate;
  let other: Certificate;
  let provider: Awaited<ReturnType<typeof startProvider>>;
  beforeAll(async () => {
    certificate = cleanUp.add(await createCertificate());
    other = cleanUp.add(await createCertificate());
    provider = cleanUp.add(await startProvider());
    server = cleanUp.add(await PostgresServer.start());
    const { uid, gid } = statSync(server.dir);
    const install = (file: string, name: string) => {
      const path = join(server.dir, name);
      copyFileSync(file, path);
      chownSync(path, uid, gid);
      return path;
    };
    // TLS is needed for the one database, and a certificate of the client for the other.
    const access = join(server.dir, 'pg_hba.conf');
    const rules = [
      'hostssl pairing all 127.0.0.1/32 trust',
      'hostssl mutual all 127.0.0.1/32 trust clientcert=verify-ca',
      'hostnossl pairing,mutual all 127.0.0.1/32 reject',
    ];
    writeFileSync(access, [...rules, readFileSync(access, 'utf8')].join('\n'));
    await server.createDatabase('mutual');
    const { certFile, keyFile } = certificate;
    await server.query(`ALTER SYSTEM SET ssl_cert_file = '${install(certFile, 'tls.pem')}'`);
    await server.query(`ALTER SYSTEM SET ssl_key_file = '${install(keyFile, 'tls.key')}'`);
    await server.query(`ALTER SYSTEM SET ssl_ca_file = '${install(certFile, 'ca.pem')}'`);
    await server.query('ALTER SYSTEM SET ssl = on');
    await server.kill();
    await server.restart();
  });
  afterAll(() => cleanUp.run());
  const services = new CleanUp();
  afterEach(() => services.run());

  const urlOf = (query: string, { database = 'pairing', host = '127.0.0.1' } = {}) =>
    `postgres://pairing@${host}:${server.port}/${database}?${query}`
      .replace('{ca}', certificate.certFile)
      .replace('{other}', other.certFile)
      .replace('{cert}', certificate.certFile)
      .replace('{key}', certificate.keyFile);
  const start = async (url: string): Promise<HostedService> =>
    services.add(await hostService({ DATABASE_URL: url }, provider));
  const databaseOf = async (service: RunningService) => {
    const answer = await fetch(`${service.url}/health/ready`);
    return ((await answer.json()) as { database: string }).database;
  };

  it.each([
    ['require, with its own CA', 'sslmode=require&sslrootcert={ca}'],
    ['verify-full, with its own CA', 'sslmode=verify-full&sslrootcert={ca}'],
    ['no-verify', 'sslmode=no-verify'],
  ])('connects with sslmode=%s', async (_, query) => {
    // In a process of its own: warnings of Node are in the output of a process, and not in the log.
    const service = services.add(await startService({ DATABASE_URL: urlOf(query) }, provider));
    expect(await databaseOf(service)).toBe('up');
    expect(service.output).not.toMatch(/Warning/);
  });

  it.each([
    ['require and no CA', 'sslmode=require', {}, /self-signed certificate/],
    [
      'require and another CA',
      'sslmode=require&sslrootcert={other}',
      {},
      /self-signed certificate/,
    ],
    [
      'another host name',
      'sslmode=require&sslrootcert={ca}',
      { host: 'localhost' },
      /does not match/,
    ],
    ['no TLS', 'sslmode=disable', {}, /pg_hba.conf rejects connection/],
    ['a CA that is not there', 'sslmode=require&sslrootcert=/none', {}, /no such file.*\/none/],
  ])('does not with %s, and the log says why', async (_, query, target, reason) => {
    const service = await start(urlOf(query, target));
    expect(await databaseOf(service)).toBe('down');
    expect(service.output).toMatch(/PostgreSQL cannot be used/);
    expect(service.output).toMatch(reason);
  });

  it('proves itself to the server by a certificate of its own', async () => {
    const tls = 'sslmode=require&sslrootcert={ca}';
    const without = await start(urlOf(tls, { database: 'mutual' }));
    expect(await databaseOf(without)).toBe('down');
    expect(without.output).toMatch(/valid client certificate/);
    const withOne = await start(
      urlOf(`${tls}&sslcert={cert}&sslkey={key}`, { database: 'mutual' }),
    );
    expect(await databaseOf(withOne)).toBe('up');
  });

  it('says the newest reason in the log, each once', async () => {
    const service = await start(urlOf('sslmode=require'));
    const reasons = () => service.output.match(/PostgreSQL cannot be used[^\n]*/g) ?? [];
    await server.kill();
    await until('the newest reason', () => /ECONNREFUSED/.test(reasons().at(-1) ?? ''));
    expect(reasons()[0]).toMatch(/self-signed/);
    expect(reasons()).toEqual([...new Set(reasons())]);
    await server.restart();
  });
});
