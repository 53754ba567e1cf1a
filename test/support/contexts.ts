import * as fc from 'fast-check';

/** A base context as somebody may paste it, and what is known of it. */
export interface BaseContext {
  readonly text: string;
  /** What precedes the block's first line, and the fields in it. */
  readonly margin: string;
  /** Its lines that pairing owns, if they are there. */
  readonly owned: ReadonlySet<string>;
}

/**
 * Contexts with a block among lines that mean nothing to pairing, as they are or as a part of a MIME
 * multipart, with the line ends of any system. A line has characters out of `unit`.
 */
export function baseContexts(unit: 'binary' | 'grapheme'): fc.Arbitrary<BaseContext> {
  const foreign = fc
    .string({ unit, maxLength: 40 })
    .filter((line) => !/\n|ucernvm-|cvm_/i.test(line));
  const foreigners = fc.array(foreign, { maxLength: 20 });
  return fc
    .record({
      margin: fc.constantFrom('', '# ', '    '),
      lineEnd: fc.constantFrom('\n', '\r\n'),
      isPart: fc.boolean(),
      before: foreigners,
      inside: fc.array(fc.oneof(foreign, fc.constantFrom('#cvm_cluster_pin=x', 0, 1, 2)), {
        maxLength: 20,
      }),
      after: foreigners,
    })
    .map(({ margin, lineEnd, isPart, before, inside, after }) => {
      const owned = [
        `${margin}cvm_cluster_pin=x`,
        ' CVM_SERVICE_URL = y',
        `${margin} cvm_cluster_master=1 `,
      ];
      const block = [
        `${margin}[ucernvm-begin]`,
        ...inside.map((line) => (typeof line === 'number' ? owned[line]! : line)),
        `${margin}[ucernvm-end]`,
      ];
      const lines = [...before, ...block, ...after];
      return {
        text: (isPart ? multipart(lines) : lines).join(lineEnd),
        margin,
        owned: new Set(owned),
      };
    });
}

/** The lines of a multipart in which these follow two others, one of them in base64. */
function multipart(lines: readonly string[]): string[] {
  return [
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="===b=="',
    '',
    '--===b==',
    'Content-Type: text/cloud-config',
    '',
    '#cloud-config',
    '--===b==',
    'Content-Type: text/x-shellscript',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('#!/bin/sh\necho\n').toString('base64'),
    '--===b==',
    'Content-Type: text/amiconfig-user-data',
    '',
    ...lines,
    '--===b==--',
    '',
  ];
}
