import { Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Metrics } from '../metrics/metrics.js';
import { ExpiryService, type ExpiryStatus } from './expiry.service.js';

const EVERY_MS = 10_000;

/** Says when: every so often, on every replica; the lease decides which of them works. */
@Injectable()
export class ExpirySchedule {
  private readonly logger = new Logger('Expiry');
  private running = false;
  private failing = false;
  private last: ExpiryStatus | undefined;

  constructor(
    private readonly expiry: ExpiryService,
    private readonly metrics: Metrics,
  ) {}

  /** As it was at the last run that this replica knows of; undefined before there was one. */
  get status(): ExpiryStatus | undefined {
    return this.last;
  }

  @Interval(EVERY_MS)
  async tick(): Promise<void> {
    if (this.running) return;
    this.running = true;
    try {
      await this.expiry.run();
      this.last = await this.expiry.status();
      this.metrics.recordIs(this.last);
      if (this.failing) this.logger.warn('Expiry works again.');
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.logger.warn(`Expiry failed: ${(error as Error).message}`);
      this.failing = true;
    } finally {
      this.running = false;
    }
  }
}
