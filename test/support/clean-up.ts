interface Stoppable {
  stop(): Promise<unknown>;
}

interface Closable {
  close(): unknown;
}

/** Stops what a test has started, in reverse order, even if the test failed early. */
export class CleanUp {
  private readonly started: (Stoppable | Closable)[] = [];

  /** Registers it to be stopped, and returns it. */
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
