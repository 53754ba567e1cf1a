import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
} from 'node:fs';

const PRIVATE_DIRECTORY = 0o700;
const PRIVATE_FILE = 0o600;
/** The files that the service puts into `DATA_DIR`. */
const OWN_FILE = /^(pairing\.sqlite|development-)/;
/** The files that SQLite creates beside a database in use. */
const COMPANIONS = ['', '-wal', '-shm', '-journal'];

/**
 * Protects a database from other users of the machine: the directory gets mode 0700, the file and its companions get
 * mode 0600, even if they exist with another mode. A directory with other files is not changed, but `warn` is called
 * if everybody can enter it.
 */
export function keepPrivate(
  directory: string,
  file: string,
  warn: (message: string) => void,
): void {
  mkdirSync(directory, { recursive: true, mode: PRIVATE_DIRECTORY });
  if ((modeOf(directory) & 0o007) !== 0) {
    if (readdirSync(directory).every((name) => OWN_FILE.test(name))) {
      makePrivate(directory, PRIVATE_DIRECTORY, warn);
    } else {
      warn(`Other users of this machine can enter DATA_DIR: chmod 700 ${directory}`);
    }
  }
  closeSync(openSync(file, 'a', PRIVATE_FILE)); // SQLite gives its companions the mode of the file
  for (const each of COMPANIONS.map((suffix) => file + suffix)) {
    if (existsSync(each) && modeOf(each) !== PRIVATE_FILE) makePrivate(each, PRIVATE_FILE, warn);
  }
}

function makePrivate(path: string, mode: number, warn: (message: string) => void): void {
  try {
    chmodSync(path, mode);
  } catch (error) {
    warn(`Other users of this machine may read ${path}: ${(error as Error).message}`);
  }
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}
