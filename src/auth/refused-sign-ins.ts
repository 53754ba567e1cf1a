import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import type { PairingError } from '../errors/pairing-error.js';
import { networkOf } from '../http/network.js';
import { AuditLog } from '../logging/audit-log.js';
import { boundedCache } from '../limits/bounded-cache.js';

const MINUTE = 60_000;
/** Audit lines for the clients of one network. */
const MAX_LINES_PER_MINUTE = 10;
/** The most networks that are counted at a time, to bound the memory. */
const MAX_NETWORKS = 10_000;

interface Count {
  readonly since: number;
  lines: number;
  omitted: number;
}

/** Writes refused sign-ins to the audit log, a few lines a minute for each network at most. */
@Injectable()
export class RefusedSignIns {
  private readonly counts = boundedCache<Count>(MAX_NETWORKS);

  constructor(
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  report({ code, message }: PairingError, address: string, user?: string): void {
    const network = networkOf(address);
    const now = this.clock.now();
    const before = this.counts.get(network);
    const isNew = !before || now >= before.since + MINUTE;
    const count = isNew ? { since: now, lines: 0, omitted: 0 } : before;
    this.counts.set(network, count);
    if (count.lines >= MAX_LINES_PER_MINUTE) {
      count.omitted += 1;
      return;
    }
    count.lines += 1;
    const omitted = isNew ? (before?.omitted ?? 0) : 0;
    this.audit.write({
      event: 'sign_in_refused',
      code,
      reason: message,
      ...(user !== undefined && { user }),
      ...(omitted > 0 && { omitted }),
      address,
    });
  }
}
