import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../errors/start-error.js';

/**
 * A secret for development, created on first use and stored beside the data, so that PINs and sessions
 * survive a restart. Production does not use it: a secret stored beside the data would not protect it.
 * @throws StartError if the folder cannot be used.
 */
export function developmentSecret(dataDir: string, name: 'pin' | 'session'): string {
  const file = join(dataDir, `development-${name}-secret`);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    if (!existsSync(file)) {
      writeFileSync(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartError(`DATA_DIR cannot be used: ${(error as Error).message}.`);
  }
}
