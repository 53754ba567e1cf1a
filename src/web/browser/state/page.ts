import type { Issuance } from './wire.ts';

/** What the service puts into the page (`PageData` in src/web/page-data.ts). */
export interface PageData {
  readonly service: string;
  readonly user: string | null;
  readonly isAdmin: boolean;
  readonly lacks: { readonly role: string; readonly help: string } | null;
  readonly pinTtlSeconds: number;
  readonly commandLine: { readonly version: string; readonly sha256: string };
  readonly issuances: {
    readonly issuances: readonly Issuance[];
    readonly next_cursor: string | null;
  } | null;
  readonly issuance: Issuance | null;
  readonly issued: { readonly pin: string; readonly creation_time: string } | null;
}

export const page = JSON.parse(document.body.dataset['page']!) as PageData;
