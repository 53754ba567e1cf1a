import type { Issuance } from './issuance.js';

/** Where a page of the list ended: its last record. */
export type Cursor = Pick<Issuance, 'createdAt' | 'id'>;

/** A cursor as clients see it, who need not know what it means. */
export function cursorOf({ createdAt, id }: Cursor): string {
  return Buffer.from(`${createdAt}.${id}`).toString('base64url');
}

/** Undefined when it is none of ours. */
export function readCursor(text: string): Cursor | undefined {
  const [, createdAt, id] =
    /^(\d{1,15})\.([\w-]{22})$/.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  return id === undefined ? undefined : { createdAt: Number(createdAt), id };
}
