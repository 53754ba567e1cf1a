interface Stoppable {
  stop(): Promise<unknown>;
}

interface Closable {
  close(): unknown;
}

/** What a test has started, stopped in reverse order even when the test did not come far. */
export class CleanUp {
  private readonly started: (Stoppable | Closable)[] = [];

  /** Remembers to stop it, and gives it back. */
  add<T extends Stoppable | Closable>(started: T): T {
    this.started.push(started);
    return started;
  }

  async run(): Promise<void> {
    for (const each of this.started.splice(0).toReversed()) {
      await ('stop' in each ? each.stop() : each.close());
    }
  }
}
