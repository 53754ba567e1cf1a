import {
  type ArgumentMetadata,
  Injectable,
  type Type,
  ValidationPipe,
  type ValidationPipeOptions,
} from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { type FieldErrors, PairingError } from '../errors/pairing-error.js';

const STRICT = {
  transform: true,
  whitelist: true,
  forbidNonWhitelisted: true,
  stopAtFirstError: true,
} as const;

/**
 * Holds every body to its DTO. No body counts as an empty one; an unknown field, like a broken rule,
 * is refused with the field's name.
 */
@Injectable()
export class BodyPipe extends ValidationPipe {
  constructor(options: ValidationPipeOptions = {}) {
    super({
      ...STRICT,
      ...options,
      exceptionFactory: (errors) =>
        new PairingError('invalid-body', { fields: fieldErrors(errors) }),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type !== 'body') return value;
    const body = value ?? {};
    if (typeof body !== 'object' || Array.isArray(body)) {
      throw new PairingError('invalid-body', { detail: 'The body must be an object.' });
    }
    return super.transform(body, metadata);
  }
}

/**
 * Holds the form of a page to the DTO of the API: one rule for a field, whichever way it comes. A browser sends
 * every field, so a blank one was left out. The parameter needs a type that is no class, such as `Readonly<Dto>`,
 * or the global `BodyPipe` comes first.
 */
export class FormPipe extends BodyPipe {
  constructor(dto: Type) {
    super({ expectedType: dto });
  }

  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const filled = Object.entries(value ?? {}).filter(([, field]) => !isBlank(field));
    return super.transform(Object.fromEntries(filled), metadata);
  }
}

function isBlank(field: unknown): boolean {
  return typeof field === 'string' && field.trim() === '';
}

/** Holds the query of a route to its DTO in the same way; every route says so by itself. */
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
