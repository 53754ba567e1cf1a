import { type CST, Parser } from 'yaml';
import { PLACEHOLDERS } from './pairing.ts';

/** A placeholder that is not replaced in time at its position, and why. */
export interface Misplaced {
  /** Its offset in the text. */
  readonly offset: number;
  /** What is wrong and what to do, to follow "line N". */
  readonly advice: string;
}

/** What cloud-init applies in its network stage, before a machine can know the addresses. */
const EARLY_KEYS =
  'disk_setup fs_setup mounts swap growpart resize_rootfs hostname fqdn manage_etc_hosts ca_certs ca-certs ' +
  'rsyslog users groups user ssh_keys ssh_authorized_keys random_seed';
const EARLY = new Map(
  EARLY_KEYS.split(' ').map((key) => [
    key,
    `${key} is applied before the address is known: do it by runcmd.`,
  ]),
).set('bootcmd', 'bootcmd runs before the address is known: use runcmd.');

/** The placeholders in a cloud-config that are read too early, or that YAML takes for comments. */
export function misplacedIn(text: string): Misplaced[] {
  const misplaced: Misplaced[] = [];
  for (const token of new Parser().parse(text)) {
    for (const comment of commentsIn(token)) {
      // If the whole line is a comment, it is meant to be one.
      const line = text.slice(text.lastIndexOf('\n', comment.offset) + 1, comment.offset);
      if (comment.source.search(PLACEHOLDERS) === 0 && line.trim() !== '') {
        misplaced.push({
          offset: comment.offset,
          advice: 'YAML takes the placeholder for a comment: put quotes around it.',
        });
      }
    }
    if (token.type === 'document') misplaced.push(...earlyIn(text, token));
  }
  return misplaced.toSorted((a, b) => a.offset - b.offset);
}

function* earlyIn(text: string, { value, end }: CST.Document): Generator<Misplaced> {
  if (!value || !isMap(value)) return;
  const until = end?.[0]?.offset ?? text.length;
  for (const [key, child, from, to] of entriesOf(value, until)) {
    const advice = EARLY.get(key);
    if (advice) yield* placeholdersIn(text, from, to, advice);
    if (key !== 'write_files' || !child || !('items' in child)) continue;
    for (const [index, { value: file }] of child.items.entries()) {
      if (!file || isDeferred(file, to)) continue;
      const next = child.items[index + 1]?.value?.offset ?? to;
      const written = 'write_files writes this before the address is known: give it "defer: true".';
      yield* placeholdersIn(text, file.offset, next, written);
    }
  }
}

type Map = CST.BlockMap | CST.FlowCollection;
const isMap = (token: CST.Token): token is Map =>
  token.type === 'block-map' || (token.type === 'flow-collection' && token.start.source === '{');

/** The key, the value, and the start and end offsets of each entry of a mapping. */
function* entriesOf(
  map: Map,
  end: number,
): Generator<[string, CST.Token | undefined, number, number]> {
  for (const [index, { key, value }] of map.items.entries()) {
    if (!key || !('source' in key)) continue;
    yield [key.source, value, key.offset, map.items[index + 1]?.key?.offset ?? end];
  }
}

function isDeferred(file: CST.Token, end: number): boolean {
  if (!isMap(file)) return false;
  return [...entriesOf(file, end)].some(
    ([key, value]) => key === 'defer' && value && 'source' in value && /^true$/i.test(value.source),
  );
}

function* placeholdersIn(
  text: string,
  from: number,
  to: number,
  advice: string,
): Generator<Misplaced> {
  for (const { index } of text.slice(from, to).matchAll(PLACEHOLDERS)) {
    yield { offset: from + index, advice };
  }
}

/** Every comment in a token, at any depth. */
function* commentsIn(token: unknown): Generator<CST.SourceToken> {
  if (typeof token !== 'object' || token === null) return;
  if ('type' in token && token.type === 'comment') yield token as CST.SourceToken;
  for (const child of Object.values(token)) yield* commentsIn(child);
}
