/**
 * What a page knows when it is opened, as JSON for its script. The service and the script share this file: each has its
 * own type of an issuance, the service's class and the one generated from `openapi.yaml`.
 */
export interface OpenedWith<Issuance> {
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
  readonly issuances: {
    readonly issuances: readonly Issuance[];
    readonly next_cursor: string | null;
  } | null;
  /** The cluster of this page; null on other pages, and when there is none. */
  readonly issuance: Issuance | null;
  /** A PIN that was just issued by the form without scripts. It is shown only once. */
  readonly issued: {
    readonly pin: string;
    readonly creation_time: string;
    readonly expiration_time: string;
  } | null;
  /** A sentence that says what went wrong. */
  readonly problem: string | null;
}
