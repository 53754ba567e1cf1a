import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

/** A whole number. A form or a query has it as text. */
export function IsIntBetween(min: number, max: number, message: string) {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => numberIn(value)),
    IsInt({ message }),
    Min(min, { message }),
    Max(max, { message }),
  );
}

/** The number that a text is, or else the value itself. */
function numberIn(value: unknown): unknown {
  return typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
}
