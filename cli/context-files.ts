import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import {
  adviseOn,
  openUserData,
  type Pairing,
  renderContext,
  type Role,
  type UserData,
  wrapUserData,
} from '../context/context.ts';
import { usageError } from './exit-codes.ts';
import { stderr } from './output.ts';

/** A base context, from which the contexts of both roles can be made. */
export interface BaseContext {
  /** The bytes of a role's context, wrapped (gzip, base64) as the base context was. */
  render(role: Role, pairing: Pairing): Promise<Uint8Array>;
}

/** Has the shape of a PIN, to check a context before a PIN is issued. */
const TRIAL_PIN = '0'.repeat(12);

/**
 * Reads a base context from a file, or from standard input for `-`, and prints advice on it. `workers` is their expected
 * number, if it is known. Fails with a usage error
 * when no context can be made from it.
 */
export async function readContext(file: string, workers?: number): Promise<BaseContext> {
  const base = await decode(await contentOf(file), file);
  const context: BaseContext = {
    render(role, pairing) {
      const rendered = renderContext(base.text, role, pairing);
      if ('problem' in rendered) throw usageError(`${file}: ${rendered.problem}`);
      return wrapUserData({ ...base, text: rendered.text });
    },
  };
  await context.render('master', { pin: TRIAL_PIN, serviceUrl: 'https://pairing.example.org' });
  for (const { sentence } of adviseOn(base.text, base.wrapping, workers))
    stderr.line(`cernvm-pairing: ${file}: ${sentence}`);
  return context;
}

/** The names of the files that {@link writeContexts} writes. */
export interface ContextFiles {
  readonly master: string;
  readonly worker: string;
}

/** Writes both contexts, readable only by this user, because they have the PIN. */
export async function writeContexts(
  context: BaseContext,
  pairing: Pairing,
  folder: string,
): Promise<ContextFiles> {
  const files = {
    master: join(folder, 'master-context.txt'),
    worker: join(folder, 'worker-context.txt'),
  };
  for (const role of ['master', 'worker'] as const) {
    await writeFile(files[role], await context.render(role, pairing), { mode: 0o600 });
    await chmod(files[role], 0o600); // if the file existed with another mode
  }
  return files;
}

/** Creates the folder for the contexts. Called before a PIN is issued, because it may fail. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw usageError(`--out: ${(error as Error).message}`);
  }
}

async function contentOf(file: string): Promise<Buffer> {
  if (file === '-') return Buffer.from(await readAll(process.stdin));
  try {
    return await readFile(file);
  } catch (error) {
    throw usageError(`The context cannot be read: ${(error as Error).message}`);
  }
}

async function decode(bytes: Buffer, file: string): Promise<UserData> {
  const opened = await openUserData(new Uint8Array(bytes)).catch(() => undefined);
  if (!opened) throw usageError(`${file} is not text in UTF-8. Unpack it, or save it as such.`);
  return opened;
}
