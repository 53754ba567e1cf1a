// Builds the command line into dist/cli, a folder that npm can pack: node bundle/command-line.ts
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { licencesOf } from './licences.ts';

const OUT = 'dist/cli';
const PROGRAM = `${OUT}/cernvm-pairing`;

const service = JSON.parse(await readFile('package.json', 'utf8')) as Record<string, unknown>;

await mkdir(OUT, { recursive: true });
const { metafile } = await build({
  entryPoints: ['cli/main.ts'],
  outfile: PROGRAM,
  bundle: true,
  minifySyntax: true,
  minifyWhitespace: true, // names stay, for stack traces
  platform: 'node',
  target: 'node20',
  // A file without an ending is CommonJS wherever it is put.
  format: 'cjs',
  banner: { js: '#!/usr/bin/env node' },
  define: { CLI_VERSION: JSON.stringify(service['version']) },
  legalComments: 'none', // all licences are at the end
  metafile: true,
  logLevel: 'warning',
});
const licences = await licencesOf(Object.keys(metafile.inputs));
await appendFile(
  PROGRAM,
  `/*! Parts of this file come from other projects.\n\n${licences.replaceAll('*/', '* /')}*/\n`,
);
await chmod(PROGRAM, 0o755);
// Before the program runs: with the project's package.json, Node would read it as an ES module.
await writeFile(`${OUT}/package.json`, `${JSON.stringify(packageOf(service), null, 2)}\n`);
await writeFile(`${OUT}/cernvm-pairing.1`, execFileSync(process.execPath, [PROGRAM, 'manual']));
await copyFile('cli/README.md', `${OUT}/README.md`);

const digest = createHash('sha256')
  .update(await readFile(PROGRAM))
  .digest('hex');
console.log(`${digest}  cernvm-pairing ${String(service['version'])}`);

/** The package.json for npm. It has no dependencies, because everything is in the one file. */
function packageOf({ version, license }: Record<string, unknown>): object {
  return {
    name: 'cernvm-pairing',
    version,
    description: 'The command line of the CernVM cluster pairing service.',
    license,
    bin: { 'cernvm-pairing': 'cernvm-pairing' },
    man: './cernvm-pairing.1',
    files: ['cernvm-pairing', 'cernvm-pairing.1', 'README.md'],
    engines: { node: '>=20' },
  };
}
