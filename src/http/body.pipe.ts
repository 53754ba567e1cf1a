import {
  type ArgumentMetadata,
  Injectable,
  type Type,
  ValidationPipe,
  type ValidationPipeOptions,
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
 * Validates every body by its DTO. A missing body counts as an empty one. Unknown fields and invalid fields are refused
 * with the name of the field.
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
    return instanceByRules(metadata.metatype, body) ?? super.transform(body, metadata);
  }
}

/**
 * Validates the form of a page by the DTO of the API. A browser sends every field, so a blank field counts as missing.
 * The parameter must have a type that is not a class, such as `Readonly<Dto>`; otherwise the global `BodyPipe`
 * validates it first.
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
