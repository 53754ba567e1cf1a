import { describe, expect, it } from '@jest/globals';
import { catalogue, type ErrorCode } from '../../src/errors/pairing-error.js';
import { statusOf } from '../../src/http/problem.js';
import { codesIn, tableBelow } from '../support/documents.js';

describe('The error codes in docs/wire.md', () => {
  const rows = tableBelow('docs/wire.md', '## Error codes');

  it('are those of the catalogue, with their status', () => {
    const documented = rows.map(([code = '', status]) => [codesIn(code)[0]!, Number(status)]);
    const codes = Object.keys(catalogue) as ErrorCode[];
    const actual = codes.map((code) => [code, statusOf[code]]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(actual));
    expect(documented).toHaveLength(codes.length); // none twice
  });

  it('are in the order of their status', () => {
    const statuses = rows.map(([, status]) => Number(status));
    expect(statuses).toEqual(statuses.toSorted((one, other) => one - other));
  });
});
