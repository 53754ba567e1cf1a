import { readdirSync, readFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import { IMMUTABLE, StaticFile } from '../http/static-file.js';

/** Built from `browser/` by `bundle/page.ts`. The path is the same from `src/` and from `dist/`. */
const FOLDER = new URL('../../dist/web/assets/', import.meta.url);

const TYPES = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
} as const;

/**
 * The script, the style and the mark of the page, and the licences of the script's parts. A name has the hash of its
 * content, so browsers keep them for ever.
 */
@Injectable()
export class Assets {
  readonly script: string;
  readonly style: string;
  readonly mark: string;
  readonly licences: string;
  private readonly files = new Map<string, StaticFile>();

  constructor() {
    const names = readdirSync(FOLDER);
    const add = (name: string, ending: keyof typeof TYPES) => {
      const file = names.find((each) => each.startsWith(`${name}-`) && each.endsWith(`.${ending}`));
      if (file === undefined) throw new Error(`The build has no ${name}.${ending}.`);
      const content = readFileSync(new URL(file, FOLDER));
      this.files.set(file, new StaticFile(TYPES[ending], () => content, IMMUTABLE));
      return `/assets/${file}`;
    };
    this.script = add('app', 'js');
    this.style = add('style', 'css');
    this.mark = add('mark', 'svg');
    this.licences = add('licences', 'txt');
  }

  /** Undefined if there is no such file, as after an update for a page of before. */
  find(name: string): StaticFile | undefined {
    return this.files.get(name);
  }
}
