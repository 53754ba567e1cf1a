import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';

/** Smallest first. */
const encodings = ['br', 'gzip', 'identity'] as const;
type Encoding = (typeof encodings)[number];

/** Caches must ask each time whether they still have the current file. */
const REVALIDATE = 'no-cache';
/** For files whose name changes with their content (RFC 8246). */
export const IMMUTABLE = 'public, max-age=31536000, immutable';

interface Content {
  readonly tag: string;
  readonly bodies: Readonly<Record<Encoding, Buffer>>;
}

/**
 * A file that is read and compressed at the first request, and then served from memory. So an answer that the client
 * does not read costs no file descriptor and no copy.
 */
export class StaticFile {
  private content: Promise<Content> | undefined;

  constructor(
    private readonly type: string,
    private readonly read: () => Buffer | string | Promise<Buffer | string>,
    private readonly cacheControl: typeof REVALIDATE | typeof IMMUTABLE = REVALIDATE,
  ) {}

  /** Answers with the file, or 304 when the client has it (RFC 9110, section 13.1.2). */
  async send(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    this.content ??= this.load().catch((error: unknown) => {
      this.content = undefined;
      throw error;
    });
    const { tag, bodies } = await this.content;
    const accepted = new Negotiator(request).encodings(encodings);
    const encoding = encodings.find((each) => accepted.includes(each)) ?? 'identity';
    const etag = `"${tag}-${encoding}"`;
    reply.header('cache-control', this.cacheControl).header('vary', 'accept-encoding');
    reply.header('etag', etag);
    if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send();
    if (encoding !== 'identity') reply.header('content-encoding', encoding);
    return reply.type(this.type).send(bodies[encoding]);
  }

  private async load(): Promise<Content> {
    const identity = Buffer.from(await this.read());
    const tag = createHash('sha256').update(identity).digest('base64url').slice(0, 22);
    const [br, gz] = await Promise.all([
      promisify(brotliCompress)(identity, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: 9,
          [constants.BROTLI_PARAM_SIZE_HINT]: identity.length,
        },
      }),
      promisify(gzip)(identity),
    ]);
    return { tag, bodies: { br, gzip: gz, identity } };
  }
}
