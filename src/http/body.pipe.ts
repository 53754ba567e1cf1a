import {
  type ArgumentMetadata,
  // oxlint-disable-next-line no-restricted-imports -- only here
  Body,
  Injectable,
  ValidationPipe,
} from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { type FieldErrors, PairingError } from '../errors/pairing-error.js';
import { instanceByRules } from '../rules/rule.js';

const STRICT = {
  transform: true,
  whitelist: true,
  forbidNonWhitelisted: true,
  stopAtFirstError: true,
} as const;

/**
 * Validates a body by its DTO. A missing body counts as an empty one. Unknown fields and invalid fields are refused
 * with the name of the field.
 */
export class BodyPipe extends ValidationPipe {
  constructor() {
    super({
      ...STRICT,
      exceptionFactory: (errors) =>
        new PairingError('invalid-body', { fields: fieldErrors(errors) }),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const body = objectIn(value);
    return instanceByRules(metadata.metatype, body) ?? super.transform(body, metadata);
  }
}

/**
 * The body of the request, validated. Used instead of a global pipe, which Nest runs for every parameter of every route:
 * that costs a request several promises for each (ADR 29).
 */
export const ValidBody = () => Body(new BodyPipe());

/**
 * The form of a page in the request, validated by the DTO of the API. A browser sends every field, so a blank field counts
 * as missing.
 */
export const ValidForm = () => Body(new FormPipe());

class FormPipe extends BodyPipe {
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const filled = Object.entries(objectIn(value)).filter(([, field]) => !isBlank(field));
    return super.transform(Object.fromEntries(filled), metadata);
  }
}

function objectIn(body: unknown): object {
  const given = body ?? {};
  if (typeof given === 'object' && !Array.isArray(given)) return given;
  throw new PairingError('invalid-body', { detail: 'The body must be an object.' });
}

function isBlank(field: unknown): boolean {
  return typeof field === 'string' && field.trim() === '';
}

/** Validates the query of a route by its DTO. Not global: each route names it. */
@Injectable()
export class QueryPipe extends ValidationPipe {
  constructor() {
    super({
      ...STRICT,
      exceptionFactory: (errors) =>
        new PairingError('invalid-query', { fields: fieldErrors(errors) }),
    });
  }
}

function fieldErrors(errors: ValidationError[]): FieldErrors {
  return Object.fromEntries(errors.map((error) => [error.property, messages(error)]));
}

function messages({ constraints = {} }: ValidationError): string[] {
  if ('whitelistValidation' in constraints) return ['This field is not known here.'];
  return Object.values(constraints);
}
