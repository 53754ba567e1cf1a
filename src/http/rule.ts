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

/** A string that is there and not blank, of at most so many characters. The old service's words. */
export function problemOfText(value: unknown, maxLength: number): string | undefined {
  if (value === undefined) return 'This field is required.';
  if (typeof value !== 'string') return 'Not a valid string.';
  if (value.trim() === '') return 'This field may not be blank.';
  if (value.length > maxLength)
    return `Ensure this field has no more than ${maxLength} characters.`;
  return undefined;
}

/** The same, and one line: without control characters and line separators. */
export function problemOfLine(value: unknown, maxLength: number): string | undefined {
  return (
    problemOfText(value, maxLength) ??
    (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(String(value))
      ? 'This field must be one line without control characters.'
      : undefined)
  );
}
