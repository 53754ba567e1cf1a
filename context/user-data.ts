import { decodeBytes, encodeLike, utf8 } from './base64.ts';

/** User-data that was opened: its text, and the encodings of the whole file. */
export interface UserData {
  readonly text: string;
  /** The encodings from the outside in, to be applied again so that the result has the same form. */
  readonly wrapping: readonly Wrapping[];
}

export type Wrapping =
  { readonly kind: 'gzip' } | { readonly kind: 'base64'; readonly model: string };

/** Decodes the bytes of a file, also gzip and base64. Undefined when it is not UTF-8 text. */
export async function openUserData(bytes: Uint8Array<ArrayBuffer>): Promise<UserData | undefined> {
  const wrapping: Wrapping[] = [];
  for (;;) {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
      bytes = await through(bytes, new DecompressionStream('gzip'));
      wrapping.push({ kind: 'gzip' });
      continue;
    }
    const text = utf8(bytes);
    const decoded = text !== undefined && text.trim().length >= 36 ? decodeBytes(text) : undefined;
    if (!decoded) return text === undefined ? undefined : { text, wrapping };
    wrapping.push({ kind: 'base64', model: text!.trim() });
    bytes = decoded;
  }
}

/** The bytes of a file with this text, encoded as the opened file was. */
export async function wrapUserData({ text, wrapping }: UserData): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = new TextEncoder().encode(text);
  for (const wrap of wrapping.toReversed()) {
    bytes =
      wrap.kind === 'gzip'
        ? await through(bytes, new CompressionStream('gzip'))
        : new TextEncoder().encode(`${encodeLike(bytes, wrap.model)}\n`);
  }
  return bytes;
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
) {
  const body = new Response(bytes).body!.pipeThrough(stream);
  return new Uint8Array(await new Response(body).arrayBuffer());
}
