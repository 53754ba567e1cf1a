import { setImmediate as endOfTurn } from 'node:timers/promises';

/** What has changed in a cluster: the key of this name, its members, a counter, or that it was created or has ended. */
export type Change = 'created' | `key:${string}` | 'members' | 'second-master' | 'fetches' | 'end';

/** Receives signals as they arrive. */
export interface SignalListener {
  /** `id` is the id of the cluster. */
  changed(id: string, change: Change): void;
  /** Signals may have been lost: the listener must read again what it needs. */
  signalsLost(): void;
}

/**
 * Signals of changes in the `ClusterStore`, from all replicas. Each storage adapter passes them on after the
 * change was made. A signal carries no value and may be lost, so a listener that depends on it also reads the
 * store from time to time.
 */
export class ClusterSignals implements SignalListener {
  private readonly listeners: SignalListener[] = [];
  private turn: Promise<void> | undefined;

  listen(listener: SignalListener): void {
    this.listeners.push(listener);
  }

  changed(id: string, change: Change): void {
    for (const listener of this.listeners) listener.changed(id, change);
  }

  signalsLost(): void {
    for (const listener of this.listeners) listener.signalsLost();
  }

  /**
   * Resolves when all signals that have reached this process are delivered: at the end of this turn of the
   * event loop. All calls in one turn share a promise.
   */
  delivered(): Promise<void> {
    return (this.turn ??= endOfTurn().then(() => {
      this.turn = undefined;
    }));
  }
}
