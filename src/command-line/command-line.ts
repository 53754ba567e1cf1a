import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';

/** Built by `bundle/command-line.ts` beside the service. The path is the same from `src/` and from `dist/`. */
const FOLDER = new URL('../../dist/cli/', import.meta.url);

/** The command line that was built with this service: one file, which users download with curl. */
@Injectable()
export class CommandLine {
  readonly program = readFileSync(new URL('cernvm-pairing', FOLDER));
  readonly manual = readFileSync(new URL('cernvm-pairing.1', FOLDER), 'utf8');
  /** In hexadecimal, as `sha256sum` prints it. The log of the build has the same. */
  readonly sha256 = createHash('sha256').update(this.program).digest('hex');
  readonly version: string;

  constructor() {
    const description = readFileSync(new URL('package.json', FOLDER), 'utf8');
    this.version = (JSON.parse(description) as { version: string }).version;
  }
}
