// Builds script, style, mark and licences of the page into dist/web/assets: node bundle/page.ts
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { licencesOf } from './licences.ts';

const OUT = 'dist/web/assets';

const { metafile } = await build({
  entryPoints: ['app.tsx', 'style.css', 'mark.svg'].map((file) => `src/web/browser/${file}`),
  entryNames: '[name]-[hash]',
  outdir: OUT,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  loader: { '.svg': 'copy' },
  legalComments: 'none', // all licences are in a file
  metafile: true,
  logLevel: 'warning',
});
const licences = `The script of this page has parts of other projects.\n\n${await licencesOf(Object.keys(metafile.inputs))}`;
const hash = createHash('sha256').update(licences).digest('hex').slice(0, 8).toUpperCase();
await writeFile(`${OUT}/licences-${hash}.txt`, licences);
