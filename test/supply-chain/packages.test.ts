import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { licencesPage, licensed } from '../../dev/licences.js';

/** Those that ask for no more than to be named. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Python-2.0',
]);

interface Locked {
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Packages that come without the text of their licence. */
const WITHOUT_TEXT = new Set(['@bomb.sh/tab']);

function pageLicences(): string {
  const folder = 'dist/web/assets';
  return `${folder}/${readdirSync(folder).find((name) => name.startsWith('licences-'))!}`;
}

describe('The packages of the service', () => {
  it('have licences that are allowed', () => {
    expect(licensed().filter(({ licence }) => !ALLOWED.has(licence))).toEqual([]);
  });

  it('are listed in docs/licences.md as script/licences writes it', () => {
    expect(readFileSync('docs/licences.md', 'utf8')).toBe(licencesPage());
  });

  it.each([
    ['the page', pageLicences, ['preact', '@preact/signals', 'openapi-fetch', 'yaml']],
    ['the command line', () => 'dist/cli/cernvm-pairing', ['commander', 'jose', 'yaml']],
  ])('have their text with %s if they are in it, and are listed', (_, file, some) => {
    const texts = readFileSync(file(), 'utf8');
    const heads = [...texts.matchAll(/^([@\w./-]+) (\d[\w.-]*), ([\w.-]+)\n\n(.*\n)/gm)];
    const bundled = heads.map(([, name, version, licence]) => ({ name, version, licence }));
    const without = heads.filter((head, index) => {
      const text = texts.slice(head.index + head[0].length, heads[index + 1]?.index);
      return !/permission|licensed under/i.test(text);
    });
    expect(without.filter(([, name]) => !WITHOUT_TEXT.has(name!))).toEqual([]);
    expect(bundled.map(({ name }) => name)).toEqual(expect.arrayContaining(some));
    expect(licensed()).toEqual(expect.arrayContaining(bundled));
  });
});

describe.each(['package-lock.json', 'dev/helm/package-lock.json'])('%s', (file) => {
  const lock = read(file) as { packages: Record<string, Locked> };
  const { '': _own, ...packages } = lock.packages;
  const those = (are: (locked: Locked) => boolean) =>
    Object.keys(packages).filter((path) => are(packages[path]!));

  it('names no registry', () => {
    expect(those(({ resolved }) => resolved !== undefined)).toEqual([]);
    expect(readFileSync(file, 'utf8')).not.toContain('://registry');
  });

  it('has the hash of every package', () => {
    expect(those(({ integrity }) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''))).toEqual([]);
  });
});

describe('A script that a package would run when it is installed', () => {
  const { allowScripts } = read('package.json') as { allowScripts: Record<string, boolean> };
  const { packages } = read('package-lock.json') as { packages: Record<string, Locked> };
  const scripted = Object.keys(packages).filter((path) => packages[path]!.hasInstallScript);
  const nameOf = (path: string) => path.replace(/^.*node_modules\//, '');

  it('is decided on, one by one', () => {
    expect(scripted.map(nameOf).filter((name) => !(name in allowScripts))).toEqual([]);
  });

  it('runs for no package that production needs', () => {
    const production = scripted.filter((path) => !packages[path]!.dev).map(nameOf);
    expect(production.filter((name) => allowScripts[name] !== false)).toEqual([]);
  });
});
