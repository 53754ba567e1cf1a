/**
 * MIME multipart as cloud-init and amiconfig read it (RFC 2045, RFC 2046), as the offsets of its parts. No library is
 * used, because it would not keep every byte.
 */
export interface Part {
  /** In lower case, without its parameters. */
  readonly type: string;
  readonly isBase64: boolean;
  readonly isQuotedPrintable: boolean;
  /** The offsets of the body in the text, without the line end before the boundary. */
  readonly start: number;
  readonly end: number;
}

export interface Multipart {
  readonly boundary: string;
  /** The offset of the first boundary. */
  readonly firstBoundary: number;
  readonly parts: readonly Part[];
}

/** Parses a text as a multipart. Undefined when it is not one. */
export function multipartOf(text: string): Multipart | undefined {
  const head = headersOf(text, 0);
  const type = head.headers.get('content-type') ?? '';
  if (!head.headers.has('mime-version') || !/^multipart\//i.test(type)) return undefined;
  const [, quoted, bare] = /boundary=(?:"([^"]*)"|([^\s;]+))/i.exec(type) ?? [];
  const boundary = quoted ?? bare;
  if (!boundary) return undefined;
  const escaped = boundary.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const delimiters = [...text.matchAll(new RegExp(`^--${escaped}(--)?[ \\t]*\\r?$`, 'gm'))];
  const parts: Part[] = [];
  for (const [index, delimiter] of delimiters.entries()) {
    if (delimiter[1]) break;
    const { headers, end: start } = headersOf(text, delimiter.index + delimiter[0].length + 1);
    const next = delimiters[index + 1]?.index ?? text.length;
    const end = Math.max(start, text.slice(0, next).replace(/\r?\n$/, '').length);
    const encoding = (headers.get('content-transfer-encoding') ?? '').toLowerCase();
    parts.push({
      type: (headers.get('content-type') ?? 'text/plain').split(';')[0]!.trim().toLowerCase(),
      isBase64: encoding === 'base64',
      isQuotedPrintable: encoding === 'quoted-printable',
      start,
      end,
    });
  }
  return { boundary, firstBoundary: delimiters[0]?.index ?? text.length, parts };
}

/** The headers, with lower-case names and folded lines joined, and the offset after them. */
function headersOf(text: string, offset: number) {
  const headers = new Map<string, string>();
  let name = '';
  while (offset < text.length) {
    const lineEnd = text.indexOf('\n', offset);
    const end = lineEnd < 0 ? text.length : lineEnd;
    const line = text.slice(offset, end).replace(/\r$/, '');
    offset = end + 1;
    if (line === '') break;
    const [, field, value = ''] = /^([\w-]+):[ \t]*(.*)$/.exec(line) ?? [];
    if (field !== undefined) headers.set((name = field.toLowerCase()), value.trim());
    else if (/^[ \t]/.test(line))
      headers.set(name, `${headers.get(name) ?? ''} ${line.trim()}`.trim());
    else break;
  }
  return { headers, end: Math.min(offset, text.length) };
}
