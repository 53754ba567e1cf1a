/** What has changed of a cluster: a key of this name, one of its marks, or that it is there at all. */
export type Change = `key:${string}` | 'second-master' | 'fetches' | 'end';

/** Who wants to know at once. */
export interface SignalListener {
  changed(id: string, change: Change): void;
  /** Signals may have been lost: only looking at the store tells what they were. */
  missed(): void;
}

/**
 * Tells what changes in the `ClusterStore`, on whichever replica: the port to which every storage
 * adapter passes on its changes, each after it was made. A signal carries no value and may be lost, so
 * whoever depends on it also looks at the store now and then.
 */
export class ClusterSignals implements SignalListener {
  private readonly listeners: SignalListener[] = [];

  listen(listener: SignalListener): void {
    this.listeners.push(listener);
  }

  changed(id: string, change: Change): void {
    for (const listener of this.listeners) listener.changed(id, change);
  }

  missed(): void {
    for (const listener of this.listeners) listener.missed();
  }
}
