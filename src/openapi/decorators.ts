import { applyDecorators, type Type } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiCookieAuth,
  ApiExtraModels,
  ApiHeader,
  ApiResponse,
  type ApiResponseSchemaHost,
  getSchemaPath,
} from '@nestjs/swagger';
import { type ErrorCode, PairingError } from '../errors/pairing-error.js';
import { Problem } from '../http/problem.js';

export const BEARER_SCHEME = 'bearer';
export const SESSION_SCHEME = 'session';

type Content = NonNullable<ApiResponseSchemaHost['content']>;
type Headers = Record<string, { description: string; schema: { type: 'string'; enum?: string[] } }>;

/** JSON Schema keywords, by the name of their schema. `createDocument` adds them. */
export const schemaKeywords = new Map<string, object>();

/** Adds JSON Schema keywords that Nest's decorators do not know to the schema of a class. */
export function ApiSchemaKeywords(keywords: object): ClassDecorator {
  return ({ name }) => {
    schemaKeywords.set(name, keywords);
  };
}

/** The successful answer of an operation. Without a type it has no body. */
export function ApiAnswer(status: number, type?: Type | [Type], headers: Headers = {}) {
  return ApiResponse({ status, description: 'Done.', headers, ...(type && { type }) });
}

/** A successful answer as text or as JSON, as the client chooses; `[type]` is a list. */
export function ApiTextOrJson(
  type: Type | [Type],
  exampleText: string,
  {
    status = 200,
    description = 'Done.',
    headers = {},
  }: { status?: number; description?: string; headers?: Headers } = {},
) {
  const item = Array.isArray(type) ? type[0] : type;
  const schema = { $ref: getSchemaPath(item) };
  return applyDecorators(
    ApiExtraModels(item),
    ApiResponse({
      status,
      description: `${description} Text unless \`Accept\` prefers JSON.`,
      headers,
      content: {
        // JSON first, because client generators use the first type.
        'application/json': {
          schema: Array.isArray(type) ? { type: 'array', items: schema } : schema,
        },
        'text/plain': { schema: { type: 'string' }, example: exampleText },
      },
    }),
  );
}

/** A client may ask to wait. */
export const ApiPrefer = () =>
  ApiHeader({
    name: 'Prefer',
    required: false,
    description:
      'RFC 7240. A wait that is not a whole number of seconds is ignored; one that is too long is shortened.',
    schema: { type: 'string', example: 'wait=25' },
  });

/** A body that may come as JSON or as a form. */
export function ApiJsonOrForm(type: Type, { required = true } = {}) {
  return applyDecorators(
    ApiConsumes('application/json', 'application/x-www-form-urlencoded'),
    ApiBody({ type, required }),
  );
}

/** The errors of all operations that need a sign-in. */
export const SSO_PROBLEMS = [
  'sign-in-required',
  'invalid-token',
  'cross-site',
  'role-required',
  'sso-unavailable',
  'sso-misconfigured',
] as const satisfies ErrorCode[];

/** The errors of all operations with a body, even if it is ignored. */
export const BODY_PROBLEMS = [
  'bad-request',
  'body-too-large',
  'unsupported-media-type',
] as const satisfies ErrorCode[];

/** The operation needs the session of the browser, or a bearer token of CERN SSO. */
export function ApiNeedsSso() {
  return applyDecorators(ApiCookieAuth(SESSION_SCHEME), ApiBearerAuth(BEARER_SCHEME));
}

const headersOf: Record<number, Headers> = {
  401: { 'WWW-Authenticate': { description: 'RFC 6750.', schema: { type: 'string' } } },
  429: { 'Retry-After': { description: 'In seconds.', schema: { type: 'string' } } },
  503: { 'Retry-After': { description: 'In seconds.', schema: { type: 'string' } } },
};

/** The errors of an operation that always answers JSON. */
export function ApiProblems(...codes: ErrorCode[]) {
  return problemResponses(codes);
}

/** The errors of an operation whose default format is text. As text they are empty. */
export function ApiTextFirstProblems(...codes: ErrorCode[]) {
  return ApiTextFirstProblemsWith({}, ...codes);
}

/** The same, with headers of its own by status. */
export function ApiTextFirstProblemsWith(headers: Record<number, Headers>, ...codes: ErrorCode[]) {
  const text = { 'text/plain': { schema: { type: 'string', maxLength: 0 }, example: '' } } as const;
  return problemResponses(codes, text, headers);
}

function problemResponses(
  codes: ErrorCode[],
  otherContent: Content = {},
  ownHeaders: Record<number, Headers> = {},
) {
  const problems = [...codes, 'internal-error' as const].map(
    (code) => new Problem(new PairingError(code)),
  );
  const byStatus = Map.groupBy(problems, ({ status }) => status);
  const responses = [...byStatus].map(([status, alike]) =>
    ApiResponse({
      status,
      headers: { ...headersOf[status], ...ownHeaders[status] },
      description: alike.map(({ code }) => `\`${code}\``).join(', '),
      content: {
        'application/problem+json': {
          schema: { $ref: getSchemaPath(Problem) },
          examples: Object.fromEntries(
            alike.map((problem) => [problem.code, { value: Object.assign({}, problem) }]),
          ),
        },
        ...otherContent,
      },
    }),
  );
  return applyDecorators(ApiExtraModels(Problem), ...responses);
}
