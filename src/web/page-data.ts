import type { User } from '../auth/user.js';
import type { IssuanceInfo, IssuancePage } from '../issuances/issuance.dto.js';

/** What a page knows when it is opened. Its script gets the same, as JSON. */
export interface PageData {
  readonly service: string;
  readonly user: string | null;
  /** The user may see and revoke the PINs of all users. */
  readonly isAdmin: boolean;
  /** The role that the user needs and does not have, and how to get it. */
  readonly lacks: { readonly role: string; readonly help: string } | null;
  /** The longest life of a PIN. */
  readonly pinTtlSeconds: number;
  /** The command line that the page offers for download. */
  readonly commandLine: { readonly version: string; readonly sha256: string };
  /** The newest PINs of the user; null when they are not shown, or cannot be read now. */
  readonly issuances: IssuancePage | null;
  /** The cluster of this page; null on other pages, and when there is none. */
  readonly issuance: IssuanceInfo | null;
  /** A PIN that was just issued by the form without scripts. It is shown only once. */
  readonly issued: {
    readonly pin: string;
    readonly creation_time: string;
    readonly expiration_time: string;
  } | null;
  /** A sentence that says what went wrong. */
  readonly problem: string | null;
}

/** The part of {@link PageData} that depends on the request. */
export type Shown = Partial<Pick<PageData, 'issuances' | 'issuance' | 'issued' | 'problem'>> & {
  readonly user?: User | undefined;
};
