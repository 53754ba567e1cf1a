import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CommandError, exitCodes } from './exit-codes.ts';

/** The stored result of a sign-in at one service. */
export interface Credentials {
  readonly issuer: string;
  readonly clientId: string;
  readonly accessToken: string;
  /** In milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly refreshToken: string | undefined;
}

/** The content of the file: the sign-ins by the address of the service. */
interface Kept {
  /** The service of the last sign-in, for commands that name none. */
  service?: string;
  credentials: Record<string, Credentials>;
}

export function credentialsFile(): string {
  const config = process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  return join(config, 'cernvm-pairing', 'credentials.json');
}

/** The service of the last sign-in. */
export async function rememberedService(): Promise<string | undefined> {
  return (await read()).service;
}

export async function readCredentials(service: string): Promise<Credentials | undefined> {
  return (await read()).credentials[service];
}

/** Stores a sign-in, readable only by this user, and makes its service the default. */
export async function saveCredentials(service: string, credentials: Credentials): Promise<void> {
  const kept = await read();
  await write({ service, credentials: { ...kept.credentials, [service]: credentials } });
}

/** Removes a sign-in. Returns false when there was none. */
export async function removeCredentials(service: string): Promise<boolean> {
  const { service: remembered, credentials } = await read();
  const { [service]: removed, ...others } = credentials;
  if (!removed) return false;
  if (Object.keys(others).length === 0) await rm(credentialsFile());
  else await write({ ...(remembered && { service: remembered }), credentials: others });
  return true;
}

async function read(): Promise<Kept> {
  const file = credentialsFile();
  let text: string;
  try {
    const { mode } = await stat(file);
    if ((mode & 0o077) !== 0) {
      throw new CommandError(
        `Others can read ${file}, which holds your sign-in. Run: chmod 600 ${file}`,
        exitCodes.signIn,
      );
    }
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { credentials: {} };
    throw error;
  }
  try {
    const kept = JSON.parse(text) as Kept;
    if (typeof kept.credentials === 'object') return kept;
  } catch {
    // Reported below.
  }
  throw new CommandError(
    `${file} is damaged. Remove it and run: cernvm-pairing login`,
    exitCodes.signIn,
  );
}

/** Replaces the file in one step, because another command may read it at the same time. */
async function write(kept: Kept): Promise<void> {
  const file = credentialsFile();
  const next = `${file}.${process.pid}`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(next, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  await chmod(next, 0o600); // if the file existed with another mode
  await rename(next, file);
}
