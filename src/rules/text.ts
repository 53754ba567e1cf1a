/** The part of `problemOfText` that can be written as a portable regular expression, for `openapi.yaml`. */
export const LINE_PATTERN = '^[^\\x00-\\x1f\\x7f-\\x9f]+$';

/** Control characters, line separators, lone surrogates, and characters that change the writing direction. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u;

/**
 * What is wrong with a text that a client sends, in a body, a form or a query. It must be present, not blank, one line
 * of at most `maxLength` characters (Unicode code points, as in OpenAPI), without characters that can deceive a reader
 * or break a database. The messages are those of the old service where it had this rule.
 */
export function problemOfText(value: unknown, maxLength: number): string | undefined {
  if (value === undefined) return 'This field is required.';
  if (typeof value !== 'string') return 'Not a valid string.';
  if (value.trim() === '') return 'This field may not be blank.';
  if (value.length > maxLength && Array.from(value).length > maxLength)
    return `Ensure this field has no more than ${maxLength} characters.`;
  if (UNSAFE.test(value)) return 'This field must be one line without control characters.';
  return undefined;
}
