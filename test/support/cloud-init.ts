import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const SCRIPT = readFileSync(join(import.meta.dirname, 'cloud-init.py'), 'utf8');

/**
 * A command that runs these lines of shell one after the other, until one fails. Those that begin with `cloud-init` have
 * no syntax of the shell but quotes: they start no process of Python each, which would use most of the CPU.
 */
export function cloudInitCommand(...lines: string[]): string[] {
  return ['/usr/bin/python3', '-c', SCRIPT, ...lines];
}
