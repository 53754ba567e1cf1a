import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { codesIn, markdownFiles, trackedFiles } from '../support/documents.js';

/** Documents that tell of the past: they may name files that are gone. */
const HISTORY = /^(CHANGELOG\.md|docs\/adr\/)/;
/** A path from the root of the project, such as `src/keys/key.store.ts` or `test/api/`. */
const PATH = /^(?:src|test|dev|bench|script|docs|helm|agents)\/[\w./*<>-]+$/;

/** A document without its code blocks, in which nothing is a link. */
const textOf = (file: string) => readFileSync(file, 'utf8').replaceAll(/^```[^]*?^```$/gm, '');

/** The anchors that a code host makes of the headings. */
function anchorsOf(file: string): string[] {
  return [...textOf(file).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[^\p{Letter}\p{Number} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Why a link leads nowhere, or undefined. */
function faultOf(file: string, target: string): string | undefined {
  const [path = '', anchor] = target.split('#');
  const linked = path === '' ? file : normalize(join(dirname(file), path));
  if (!existsSync(linked)) return `${target}: there is no ${linked}`;
  if (anchor === undefined || anchorsOf(linked).includes(anchor)) return undefined;
  return `${target}: ${linked} has no such heading`;
}

describe.each(markdownFiles())('%s', (file) => {
  it('links only to files and headings that exist', () => {
    const links = [...textOf(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
    const ours = links.filter((target) => !/^(https?|mailto):/.test(target));
    expect(ours.flatMap((target) => faultOf(file, target) ?? [])).toEqual([]);
  });

  it('names only files that exist', () => {
    if (HISTORY.test(file)) return;
    const files = trackedFiles();
    const named = codesIn(textOf(file)).filter((code) => PATH.test(code) && !/[*<>]/.test(code));
    const exists = (path: string) =>
      existsSync(path) || files.some((each) => each.startsWith(`${path}.`)); // `src/clock/clock`
    expect(named.filter((path) => !exists(path))).toEqual([]);
  });
});
