import type { Logger } from 'pino';
import type { ErrorCode } from '../errors/pairing-error.js';

/** Events that may be needed years later. `docs/audit-log.md` describes them for log shippers. */
export type AuditEvent =
  | { readonly event: 'issue'; readonly id: string; readonly hint: string; readonly user: string }
  | { readonly event: 'revoke'; readonly id: string; readonly owner: string; readonly user: string }
  | { readonly event: 'delete'; readonly id: string }
  | {
      readonly event: 'second_master' | 'master_displaced' | 'master_failed';
      readonly id: string;
    }
  /** `writer` is the address of the client that wrote the key. */
  | { readonly event: 'master_changed'; readonly id: string; readonly writer: string }
  | {
      readonly event: 'master_removed' | 'master_change_refused';
      readonly id: string;
      readonly key: string;
      readonly writer: string;
    }
  | { readonly event: 'sign_in'; readonly user: string }
  | { readonly event: 'sign_out'; readonly user: string; readonly by: 'user' | 'provider' }
  | {
      readonly event: 'sign_in_refused';
      readonly code: ErrorCode;
      readonly reason: string;
      readonly user?: string;
      readonly omitted?: number;
    };

/** Who did what, and from where. Never a PIN, a value or a token. */
export class AuditLog {
  private readonly logger: Logger;

  /** Lines are written at every `LOG_LEVEL` except `silent`. */
  constructor(logger: Logger) {
    this.logger = logger.child({}, logger.level === 'silent' ? {} : { level: 'info' });
  }

  /** `address` is the client's, as far as proxies are trusted. */
  write({ event, ...details }: AuditEvent & { readonly address: string }): void {
    this.logger.info({ audit: event, ...details }, 'audit');
  }
}
