import type { Issuance } from './issuance.js';

/** The last record of a page of the list. */
export type Cursor = Pick<Issuance, 'createdAt' | 'id'>;

/** A cursor as text. It has no meaning for clients. */
export function cursorOf({ createdAt, id }: Cursor): string {
  return Buffer.from(`${createdAt}.${id}`).toString('base64url');
}

/** Parses a cursor. Undefined when the text is not a cursor. */
export function readCursor(text: string): Cursor | undefined {
  const [, createdAt, id] =
    /^(\d{1,15})\.([\w-]{22})$/.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  return id === undefined ? undefined : { createdAt: Number(createdAt), id };
}
