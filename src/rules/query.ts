import { ValidateIf } from 'class-validator';
import { type Rule, Satisfies } from './rule.js';

/** The value must be one of these names. */
export const isOneOf =
  (names: readonly string[]): Rule =>
  (value) =>
    names.includes(value as string) ? undefined : `Must be one of ${names.join(', ')}.`;

/** An optional field of the query, with a rule. */
export const Optional = (rule: Rule): PropertyDecorator => {
  const satisfies = Satisfies(rule);
  return (target, name) => {
    ValidateIf((query: Record<string | symbol, unknown>) => query[name] !== undefined)(
      target,
      name,
    );
    satisfies(target, name);
  };
};
