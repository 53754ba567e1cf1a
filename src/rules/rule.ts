import { ValidateBy, type ValidationArguments } from 'class-validator';

/** Returns what is wrong with a value, as a message for the client. Undefined when it is valid. */
export type Rule = (value: unknown) => string | undefined;

/** Validates a field of a DTO with a rule. */
export const Satisfies = (rule: Rule): PropertyDecorator =>
  ValidateBy({
    name: 'rule',
    validator: {
      validate: (value) => rule(value) === undefined,
      defaultMessage: (args?: ValidationArguments) => rule(args?.value) ?? '',
    },
  });
