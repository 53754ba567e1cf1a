/** Decodes base64 of UTF-8 text. Undefined when it is not that. Ignores blanks and line ends. */
export function decodeText(base64: string): string | undefined {
  const bytes = decodeBytes(base64);
  return bytes && utf8(bytes);
}

/** Decodes base64. Undefined when it is not valid. Ignores blanks and line ends. */
export function decodeBytes(base64: string): Uint8Array<ArrayBuffer> | undefined {
  const joined = base64.replace(/[ \t\r\n]/g, '');
  if (joined === '' || joined.length % 4 || !/^[A-Za-z0-9+/]+={0,2}$/.test(joined))
    return undefined;
  return Uint8Array.from(atob(joined), (character) => character.charCodeAt(0));
}

/** The bytes as text. Undefined when they are not UTF-8. Keeps a byte-order mark. */
export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Encodes bytes in base64, with lines of the same width, indent and line ends as in `model`. */
export function encodeLike(bytes: Uint8Array, model: string): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  const joined = btoa(binary);
  const [, first = '', fold] =
    /^([A-Za-z0-9+/=]+)(?:([ \t]*\r?\n[ \t]*)[A-Za-z0-9+/])?/.exec(model) ?? [];
  if (fold === undefined) return joined;
  return (joined.match(new RegExp(`.{1,${first.length}}`, 'g')) ?? []).join(fold);
}

/** The decoded texts of all base64 in a text, in one line or folded. */
export function* encodedTexts(text: string): Generator<string> {
  for (const [found] of text.matchAll(/[A-Za-z0-9+/]{36,}(?:\s+[A-Za-z0-9+/]{4,})*={0,2}/g)) {
    const [first = ''] = found.split(/\s/, 1);
    const decoded = decodeText(found) ?? decodeText(first);
    if (decoded !== undefined) yield decoded;
  }
}

/** Whether a text has gzip in base64. Its content is not read. */
export const hasEncodedGzip = (text: string) => /(^|[^A-Za-z0-9+/])H4sI/.test(text);
