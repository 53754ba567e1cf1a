import { Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Metrics } from '../metrics/metrics.js';
import { MaintenanceService, type MaintenanceStatus } from './maintenance.service.js';

const EVERY_MS = 10_000;

/** Starts a run every 10 seconds, on every replica; the lease decides which of them works. */
@Injectable()
export class MaintenanceSchedule {
  private readonly logger = new Logger('Expiry');
  private running = false;
  private failing = false;
  private last: MaintenanceStatus | undefined;

  constructor(
    private readonly expiry: MaintenanceService,
    private readonly metrics: Metrics,
  ) {}

  /** The status after the last run of this replica; undefined before the first one. */
  get status(): MaintenanceStatus | undefined {
    return this.last;
  }

  @Interval(EVERY_MS)
  async tick(): Promise<void> {
    if (this.running) return;
    this.running = true;
    try {
      await this.expiry.run();
      this.last = await this.expiry.status();
      this.metrics.setRecordState(this.last);
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
