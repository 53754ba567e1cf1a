// Writes docs/licences.md, the licences of the packages of which users get a copy, from package-lock.json: node dev/licences.ts
import { readFileSync, writeFileSync } from 'node:fs';

/** A production package, on at least one platform, or one that is bundled. */
export interface Licensed {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
}

/** Packages without a licence field, and their file with the licence text. */
const TEXTS: Record<string, string> = {
  limiter: 'LICENSE.txt',
  'passport-strategy': 'LICENSE',
  pause: 'Readme.md',
};
/**
 * Packages of development with a part in the page or in the command line. Their texts are in
 * `dist/web/assets/licences-<hash>.txt` and at the end of `dist/cli/cernvm-pairing`.
 */
const BUNDLED = [
  '@bomb.sh/tab',
  '@commander-js/extra-typings',
  '@preact/signals',
  '@preact/signals-core',
  'commander',
  'eventsource-parser',
  'openapi-fetch',
  'picocolors',
  'preact',
  'yaml',
];
const TEXT_OF_MIT =
  'Permission is hereby granted, free of charge, to any person obtaining a copy of this software';

/** All packages of which users get a copy, by name. Throws if a licence is unknown. */
export function licensed(): Licensed[] {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, Locked>;
  };
  return Object.entries(lock.packages)
    .filter(
      ([path, { dev }]) =>
        path !== '' && (dev !== true || BUNDLED.some((name) => path === `node_modules/${name}`)),
    )
    .map(([path, { version, license }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return { name, version, licence: license ?? licenceByText(name) };
    })
    .toSorted((one, other) => compare(one.name, other.name) || compare(one.version, other.version));
}

function licenceByText(name: string): string {
  const file = TEXTS[name];
  const text = file === undefined ? '' : readFileSync(`node_modules/${name}/${file}`, 'utf8');
  if (text.replaceAll(/\s+/g, ' ').includes(TEXT_OF_MIT)) return 'MIT';
  throw new Error(`The licence of ${name} is not known.`);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/** The content of docs/licences.md. */
export function licencesPage(): string {
  const rows = licensed().map(
    ({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`,
  );
  return `# Licences

The licences of the production packages, for all platforms, and of the packages that are bundled into the page and the
command line: their texts are linked at the foot of the page, and at the end of the command line's file.
\`script/licences\` writes this page; \`test/supply-chain/packages.test.ts\` has the allowed licences.
${Object.keys(TEXTS).join(', ')} have theirs only as a text.

| package | version | licence |
| --- | --- | --- |
${rows.join('\n')}
`;
}

if (import.meta.main) writeFileSync('docs/licences.md', licencesPage());
