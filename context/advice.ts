import { decodeText, encodedTexts, hasEncodedGzip } from './base64.ts';
import { type Block, findBlock, INVISIBLE, meaningOf, plainBlock } from './block.ts';
import { misplacedIn } from './cloud-config.ts';
import { multipartOf } from './multipart.ts';
import { PLACEHOLDER, PLACEHOLDERS, WORKERS_PLACEHOLDER } from './pairing.ts';
import { encodedBlock, hasWorkersPlaceholder, workersIn } from './render.ts';
import { lineAt, splice } from './text.ts';
import type { Wrapping } from './user-data.ts';

/** A problem of a context as a sentence, and a change that fixes it if there is one. */
export interface Advice {
  readonly sentence: string;
  readonly fix?: { readonly label: string; readonly apply: () => string };
}

/** The limit of the smallest cloud for user-data, in bytes before encoding. */
const SMALLEST_LIMIT = 16 * 1024;
const LIMITS = 'Amazon EC2 takes 16 KiB, OpenStack 48 KiB, Azure 64 KiB, Google Cloud 256 KiB';

/** Advice on a base context, the most important first. `workers` is their expected number, if it is known. */
export function adviseOn(
  base: string,
  wrapping: readonly Wrapping[] = [],
  workers?: number,
): Advice[] {
  return [
    ...onInvisibleCharacters(base),
    ...onWrapping(wrapping),
    ...onReaders(base),
    ...onPlaceholders(base),
    ...onWorkers(base, workers),
    ...onSize(base, wrapping),
  ];
}

function onInvisibleCharacters(base: string): Advice[] {
  const lines = base.split('\n');
  const isOurs = (line: string) => /\[ucernvm-(begin|end)\]|^\W*cvm_\w+\s*=/i.test(line);
  const index = lines.findIndex(
    (line, at) =>
      (at === 0 && line.startsWith('\ufeff')) || (isOurs(line) && line.search(INVISIBLE) >= 0),
  );
  if (index < 0) return [];
  const isByteOrderMark = index === 0 && base.startsWith('\ufeff');
  const clean = () =>
    lines
      .map((line, at) =>
        isOurs(line) ? line.replace(INVISIBLE, '') : at ? line : line.replace('\ufeff', ''),
      )
      .join('\n');
  return [
    {
      sentence: isByteOrderMark
        ? 'Line 1 begins with a byte-order mark, so that machines do not recognize it.'
        : `Line ${index + 1} has an invisible character (such as a no-break or zero-width blank), so that machines do not recognize it.`,
      fix: { label: 'Remove it', apply: clean },
    },
  ];
}

const WRAPPED = {
  gzip: 'It is gzip as a whole, which µCernVM and cloud-init unpack. It is shown unpacked; the files below are packed again.',
  base64:
    'It is base64 as a whole, which no machine decodes by itself: only a cloud that asks for base64 may get it. It is shown decoded; the files below are encoded again.',
};

function onWrapping(wrapping: readonly Wrapping[]): Advice[] {
  return wrapping.map(({ kind }) => ({ sentence: WRAPPED[kind] }));
}

/** Advice on a block that images without the agent cannot read: they accept only one form. */
function onReaders(base: string): Advice[] {
  const encoded = encodedBlock(base);
  if (encoded) {
    const block = findBlock(encoded.text);
    return 'problem' in block ? [] : [oldReaders('it is in a part in base64', base, block)];
  }
  const block = findBlock(base);
  if ('problem' in block) return [];
  const { begin, margin } = block;
  const at = `the block in line ${begin.number}`;
  if (margin.includes('#')) return [oldReaders(`${at} is in comments`, base, block)];
  if (margin) return [oldReaders(`${at} has a margin`, base, block)];
  const lines = [begin, ...block.body, block.end];
  const deviating = lines.find(({ content }) => content !== meaningOf(content, margin));
  if (!deviating) return [];
  const what = deviating.content.endsWith('\r')
    ? 'a Windows line end'
    : 'a blank at its beginning or end';
  const fix = () =>
    splice(base, begin.offset, block.end.offset + block.end.content.length + 1, plainBlock(block));
  return [
    {
      sentence: `Images without the new agent will not read the block: line ${deviating.number} has ${what}.`,
      fix: { label: 'Write the block as they read it', apply: fix },
    },
  ];
}

function oldReaders(why: string, base: string, block: Block): Advice {
  return {
    sentence: `Images without the new agent will not read it: ${why}.`,
    fix: {
      label: 'Put the block into a MIME part of its own',
      apply: () => inOwnPart(base, block),
    },
  };
}

/** The context as a multipart, with the block in its own part, which every image can read. */
function inOwnPart(base: string, block: Block): string {
  const own = `Content-Type: text/amiconfig-user-data\nContent-Transfer-Encoding: 7bit\n\n${plainBlock(block)}\n`;
  const multipart = multipartOf(base);
  const encoded = encodedBlock(base);
  if (multipart) {
    const rest = encoded
      ? splice(base, encoded.part.start, encoded.part.end, withoutBlock(encoded.text, block))
      : withoutBlock(base, block);
    const plain = encoded ? withPlainEncoding(rest, encoded.part.start) : rest;
    return splice(
      plain,
      multipart.firstBoundary,
      multipart.firstBoundary,
      `--${multipart.boundary}\n${own}`,
    );
  }
  const rest = withoutBlock(base, block);
  const type = /^#cloud-config\b/.test(rest)
    ? 'text/cloud-config'
    : rest.startsWith('#!')
      ? 'text/x-shellscript'
      : 'text/plain';
  let boundary = 'context';
  while (base.includes(`--${boundary}`)) boundary += '-';
  return `MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="${boundary}"

--${boundary}
${own}
--${boundary}
Content-Type: ${type}; charset="utf-8"
Content-Transfer-Encoding: 8bit

${rest}
--${boundary}--
`;
}

function withoutBlock(text: string, { begin, end }: Block): string {
  return splice(text, begin.offset, end.offset + end.content.length + 1, '');
}

/** Changes the encoding in the headers of the part whose body begins at `body` from base64 to 8bit. */
function withPlainEncoding(text: string, body: number): string {
  const headers = text.slice(0, body);
  const at = headers.toLowerCase().lastIndexOf('content-transfer-encoding:');
  const rest = headers.slice(at).replace(/base64/i, '8bit');
  return headers.slice(0, at) + rest + text.slice(body);
}

function onPlaceholders(base: string): Advice[] {
  const misplaced = sectionsOf(base).flatMap(({ text, offset, type }) => {
    if (type === 'text/cloud-boothook') {
      return [...text.matchAll(PLACEHOLDERS)].map(({ index }) => ({
        offset: offset(index),
        advice: 'a boothook runs before the address is known: make it a script.',
      }));
    }
    if (type !== 'text/cloud-config') return [];
    return misplacedIn(text).map((each) => ({ advice: each.advice, offset: offset(each.offset) }));
  });
  if (misplaced.length) {
    return misplaced.map(({ offset, advice }) => ({
      sentence: `Line ${lineAt(base, offset)}: ${advice}`,
    }));
  }
  if (base.includes(PLACEHOLDER) || hasEncodedGzip(base)) return [];
  if ([...encodedTexts(base)].some((text) => text.includes(PLACEHOLDER))) return [];
  const quoted = multipartOf(base)?.parts.some(({ isQuotedPrintable }) => isQuotedPrintable);
  return [
    {
      sentence: `There is no ${PLACEHOLDER} in it, so workers will not learn their master's address. Write it where the address belongs${quoted ? ', and not in a quoted-printable part: no machine looks there' : ''}.`,
    },
  ];
}

/** Advice on a list of workers for which the master does not wait, and on a wait without a use. */
function onWorkers(base: string, workers: number | undefined): Advice[] {
  const block = findBlock(encodedBlock(base)?.text ?? base);
  if ('problem' in block) return [];
  const isAsked = workers !== undefined || workersIn(block) !== undefined;
  const isUsed = hasWorkersPlaceholder(base);
  if (isUsed && !isAsked) {
    return [
      {
        sentence: `There is ${WORKERS_PLACEHOLDER} in it, but not the number of workers for which the master waits: add cvm_cluster_workers=N to the block.`,
      },
    ];
  }
  if (workersIn(block) === undefined || isUsed || hasEncodedGzip(base)) return [];
  return [
    {
      sentence: `With cvm_cluster_workers the master waits for its workers, but there is no ${WORKERS_PLACEHOLDER} for their addresses. Remove that line, if the wait alone is not what you want.`,
    },
  ];
}

interface Section {
  readonly text: string;
  readonly type: string;
  /** The offset in the whole text of an offset in this section. For encoded sections, where they begin. */
  readonly offset: (inner: number) => number;
}

/** The sections as cloud-init reads them: the parts of a multipart, or the whole. It finds their types by their first line. */
function sectionsOf(base: string): Section[] {
  const multipart = multipartOf(base);
  if (!multipart) return [{ text: base, type: typeOf(base, ''), offset: (inner) => inner }];
  return multipart.parts.map(({ start, end, type, isBase64 }) => {
    const body = base.slice(start, end);
    const text = isBase64 ? (decodeText(body) ?? '') : body;
    return {
      text,
      type: typeOf(text, type),
      offset: (inner) => (isBase64 ? start : start + inner),
    };
  });
}

function typeOf(text: string, declared: string): string {
  if (declared === 'text/cloud-config' || declared === 'text/cloud-boothook') return declared;
  const begin = text.replace(/^## template: *jinja\r?\n/, '').trimStart();
  if (/^#cloud-config\s*(\r?\n|$)/.test(begin)) return 'text/cloud-config';
  return begin.startsWith('#cloud-boothook') ? 'text/cloud-boothook' : declared;
}

function onSize(base: string, wrapping: readonly Wrapping[]): Advice[] {
  const bytes = new TextEncoder().encode(base).length;
  if (bytes <= SMALLEST_LIMIT || wrapping.length > 0) return [];
  return [
    {
      sentence: `It has ${Math.ceil(bytes / 1024)} KiB: ${LIMITS}. Where that is too much, gzip the files, or put the large part behind #include.`,
    },
  ];
}
