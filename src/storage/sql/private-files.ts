import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';

const PRIVATE_DIRECTORY = 0o700;
const PRIVATE_FILE = 0o600;
/** What SQLite puts beside a database that is in use. */
const COMPANIONS = ['', '-wal', '-shm', '-journal'];

/**
 * Keeps a database from other users of the machine: a new directory gets mode 0700, the file and its companions get
 * mode 0600, also when they exist with another. An existing directory may serve others as well, so it is left as it
 * is, and `warn` hears when everybody can read it.
 */
export function keepPrivate(
  directory: string,
  file: string,
  warn: (message: string) => void,
): void {
  mkdirSync(directory, { recursive: true, mode: PRIVATE_DIRECTORY });
  if ((modeOf(directory) & 0o007) !== 0) {
    warn(`Other users of this machine can enter DATA_DIR: chmod 700 ${directory}`);
  }
  closeSync(openSync(file, 'a', PRIVATE_FILE)); // SQLite gives its companions the mode of the file
  for (const each of COMPANIONS.map((suffix) => file + suffix)) {
    if (existsSync(each) && modeOf(each) !== PRIVATE_FILE) makePrivate(each, warn);
  }
}

function makePrivate(file: string, warn: (message: string) => void): void {
  try {
    chmodSync(file, PRIVATE_FILE);
  } catch (error) {
    warn(`Other users of this machine may read ${file}: ${(error as Error).message}`);
  }
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}
