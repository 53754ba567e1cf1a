import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A certificate for this machine that no client trusts yet, and its files. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly close: () => Promise<void>;
}

/** Creates a self-signed certificate. */
export async function createCertificate(): Promise<Certificate> {
  const dir = await mkdtemp(join(tmpdir(), 'pairing-tls-'));
  const [certFile, keyFile] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
  const options =
    '-x509 -nodes -days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1 ' +
    '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1';
  const files = ['-keyout', keyFile, '-out', certFile];
  await promisify(execFile)('openssl', ['req', ...options.split(' '), ...files]);
  return { certFile, keyFile, close: () => rm(dir, { recursive: true }) };
}
