import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../errors/start-error.js';

/**
 * A secret for development, made on first use and kept beside the data, so that PINs and sessions outlive
 * a restart.
 * Production never comes here: a secret beside the data would protect nothing.
 */
export function developmentSecret(dataDir: string, name: 'pin' | 'session'): string {
  const file = join(dataDir, `development-${name}-secret`);
  try {
    mkdirSync(dataDir, { recursive: true });
    if (!existsSync(file)) {
      writeFileSync(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartError(`DATA_DIR cannot be used: ${(error as Error).message}.`);
  }
}
