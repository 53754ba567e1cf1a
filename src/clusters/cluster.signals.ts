import { setImmediate as endOfTurn } from 'node:timers/promises';

/** What has changed of a cluster: a key of this name, one of its marks, or that it exists. */
export type Change = `key:${string}` | 'second-master' | 'fetches' | 'end';

/** Receives signals as they arrive. */
export interface SignalListener {
  /** `id` is that of the cluster. */
  changed(id: string, change: Change): void;
  /** Signals may have been lost: what they were about has to be read from the store. */
  signalsLost(): void;
}

/**
 * Signals of changes in the `ClusterStore`, of all replicas: the port to which each storage adapter passes
 * them, after the change was made. A signal carries no value and may be lost, so a listener that
 * depends on it also reads the store from time to time.
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
   * Resolves when all signals that have reached this process by now are delivered: at the end of this turn
   * of the event loop. Those who call it in one turn share the promise.
   */
  delivered(): Promise<void> {
    return (this.turn ??= endOfTurn().then(() => {
      this.turn = undefined;
    }));
  }
}
