import { Agent, request as send, type ClientRequest } from 'node:http';

/** Requests that a server holds, and their results. */
export class Waiters {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  private readonly answers: Promise<Answer>[] = [];
  private readonly requests: ClientRequest[] = [];

  private closed = false;

  /** Sends `count` requests to a URL, each repeated after its answer if `again`. Resolves when all are sent. */
  async add(url: string, count: number, { again = false } = {}): Promise<void> {
    const sent: Promise<void>[] = [];
    for (let n = 0; n < count; n++) {
      sent.push(this.one(url, again));
      // The default backlog of a listening socket.
      if (n % 500 === 499) await Promise.all(sent.splice(0));
    }
    await Promise.all(sent);
  }

  /** The time from the start of `act` until each answer, in ms. Throws if an answer is not a 200. */
  async releasedBy(act: () => Promise<unknown>): Promise<number[]> {
    const start = performance.now();
    await act();
    const answers = await Promise.all(this.answers);
    const other = answers.find(({ status }) => status !== 200);
    if (other) throw new Error(`A waiting request was answered ${other.status}.`);
    return answers.map(({ at }) => at - start);
  }

  close(): void {
    this.closed = true;
    for (const request of this.requests) request.destroy();
    this.agent.destroy();
  }

  private one(url: string, again: boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const request = send(url, { agent: this.agent, headers: WAITING });
    request.once('finish', resolve);
    const answer = new Promise<Answer>((settle) => {
      request.once('response', (response) => {
        const at = performance.now();
        response.resume();
        settle({ status: response.statusCode, at });
        if (again && !this.closed) response.once('end', () => void this.one(url, again));
      });
      request.once('error', () => settle({ status: undefined, at: performance.now() }));
    });
    this.answers.push(answer);
    this.requests.push(request);
    request.end();
    return promise;
  }
}

const WAITING = { accept: 'text/plain', prefer: 'wait=120' };

interface Answer {
  readonly status: number | undefined;
  readonly at: number;
}
