/**
 * The share of a client address: seven eighths of all at most. It is more than that of a cluster, because a NAT has
 * many clients (ADR 12).
 */
export const ADDRESS_SHARE = 7;

/** Counts how much of something scarce each sharer has (ADR 12). */
export class Shares {
  private readonly counts = new Map<string, number>();

  /** A sharer may take one more while it has fewer than `factor` times as many as are free. */
  constructor(private readonly factor: number) {}

  allows(sharer: string, free: number): boolean {
    return (this.counts.get(sharer) ?? 0) < this.factor * free;
  }

  take(sharer: string): void {
    this.counts.set(sharer, (this.counts.get(sharer) ?? 0) + 1);
  }

  release(sharer: string): void {
    const count = (this.counts.get(sharer) ?? 0) - 1;
    if (count > 0) this.counts.set(sharer, count);
    else this.counts.delete(sharer);
  }
}
