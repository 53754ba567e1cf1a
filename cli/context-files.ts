import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import {
  type Pairing,
  renderContext,
  type Role,
  workerWarning,
} from '../src/web/browser/context.ts';
import { usageError } from './exit-codes.ts';
import { stderr } from './output.ts';

/** A base context that was read, out of which both contexts can be made. */
export interface BaseContext {
  render(role: Role, pairing: Pairing): string;
}

/** Shaped like a PIN, to try a context out with before one is issued. */
const TRIAL_PIN = '0'.repeat(12);

/**
 * Reads a base context from a file, or from standard input for `-`. Fails with a usage error when no
 * context can be made out of it, and warns of one that works but for the workers.
 */
export async function readContext(file: string): Promise<BaseContext> {
  const base = decode(await contentOf(file), file);
  const context: BaseContext = {
    render(role, pairing) {
      const rendered = renderContext(base, role, pairing);
      if ('problem' in rendered) throw usageError(`${file}: ${rendered.problem}`);
      return rendered.text;
    },
  };
  context.render('master', { pin: TRIAL_PIN, serviceUrl: 'https://pairing.example.org' });
  const warning = workerWarning(base);
  if (warning) stderr.line(`cernvm-pairing: ${file}: ${warning}`);
  return context;
}

/** The names of the files that {@link writeContexts} writes. */
export interface ContextFiles {
  readonly master: string;
  readonly worker: string;
}

/** Writes both contexts, for this user's eyes only: they hold the PIN. */
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
    await writeFile(files[role], context.render(role, pairing), { mode: 0o600 });
    await chmod(files[role], 0o600); // if it was there, with another mode
  }
  return files;
}

/** Makes the folder for the contexts. It comes before a PIN is issued, as it may fail. */
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

function decode(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw usageError(`${file} is not text in UTF-8. Unpack it, or save it as such.`);
  }
}
