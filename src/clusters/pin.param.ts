import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { parsePin, PIN_PATTERN } from './pin.js';

/** The name of the path parameter that is a PIN. */
const PIN_PARAM = 'pin';

/** The PIN in the path. Parsed without a pipe, which would cost a request several promises. */
export const Pin = createParamDecorator((_: unknown, context: ExecutionContext) =>
  parsePin(pinParamOf(context.switchToHttp().getRequest()) ?? ''),
);

/** The PIN in the path of a request, valid or not. Undefined on routes without a PIN. */
export function pinParamOf(request: { params: unknown }): string | undefined {
  return (request.params as { [PIN_PARAM]?: string })[PIN_PARAM];
}

/** Documents the PIN in the path. */
export const ApiPin = () =>
  ApiParam({
    name: PIN_PARAM,
    schema: { type: 'string', pattern: PIN_PATTERN, example: 'enico1qq0oey' },
  });
