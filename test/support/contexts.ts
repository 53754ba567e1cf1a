import * as fc from 'fast-check';

/** A base context as a user may paste it, and its properties. */
export interface BaseContext {
  readonly text: string;
  /** The indentation or comment sign before the first line of the block and before its fields. */
  readonly margin: string;
  /** The lines that belong to pairing, if present. */
  readonly owned: ReadonlySet<string>;
}

/**
 * Contexts with a block among lines that mean nothing to pairing, alone or as a part of a MIME multipart, with
 * the line ends of any system. Lines consist of characters of `unit`.
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

/** The lines of a multipart with two other parts, one of them in base64, before these. */
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
