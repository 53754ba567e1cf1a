// Writes docs/licences.md, the licences of the production packages, from package-lock.json: node dev/licences.ts
import { readFileSync, writeFileSync } from 'node:fs';

/** A production package, on at least one platform. */
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
const TEXT_OF_MIT =
  'Permission is hereby granted, free of charge, to any person obtaining a copy of this software';

/** All production packages by name. Throws if a licence is unknown. */
export function licensed(): Licensed[] {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, Locked>;
  };
  return Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
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

The licences of the production packages, for all platforms. \`script/licences\` writes this page;
\`test/supply-chain/packages.test.ts\` has the allowed licences. ${Object.keys(TEXTS).join(', ')} have theirs only
as a text.

| package | version | licence |
| --- | --- | --- |
${rows.join('\n')}
`;
}

if (import.meta.main) writeFileSync('docs/licences.md', licencesPage());
