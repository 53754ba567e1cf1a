import { ValidateBy, type ValidationArguments } from 'class-validator';

/** Says what is wrong with a value, in the words for its author; undefined when it is fine. */
export type Rule = (value: unknown) => string | undefined;

/** Holds a field of a DTO to a rule, so that the rule is a plain function with its own words. */
export const Obeys = (rule: Rule): PropertyDecorator =>
  ValidateBy({
    name: 'rule',
    validator: {
      validate: (value) => rule(value) === undefined,
      defaultMessage: (args?: ValidationArguments) => rule(args?.value) ?? '',
    },
  });

/** The part of the rule that every dialect of regular expressions can say, for `openapi.yaml`. */
export const LINE_PATTERN = '^[^\\x00-\\x1f\\x7f-\\x9f]+$';

/** Control characters, separators of lines, halves of characters, and what turns the direction of writing. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u;

/**
 * The one rule for every text that a client sends, in a body, a form or a query: it is there, not blank, one line
 * of at most so many characters (Unicode code points, as `maxLength` in OpenAPI counts), and nothing in it
 * can deceive a reader or break a database. The old service's words, as far as it had any.
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
