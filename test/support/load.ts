import { Agent, request as send } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** How a request ended, an answer or not. */
export interface Outcome {
  /** Whom it was sent to, when, by the clock of `ms`, and whether on a connection used before. */
  readonly serviceUrl: string;
  readonly start: number;
  readonly reused: boolean;
  /** Undefined when there was no complete answer. */
  readonly status: number | undefined;
  /** The system's name of what went wrong instead, such as ECONNREFUSED. */
  readonly error: string | undefined;
  readonly retryAfter: string | undefined;
  readonly body: string;
  readonly ms: number;
}

/** A client that never throws, and says how long it took. */
export class Client {
  private readonly agent: Agent;
  private readonly serviceUrl: string;

  /** `keepAlive`: whether connections are used again; a VM's curl makes a new one each time. */
  constructor(serviceUrl: string, { keepAlive }: { keepAlive: boolean }) {
    // To look the name up takes its time, and requests would leave in another order.
    this.serviceUrl = serviceUrl.replace('localhost', '127.0.0.1');
    this.agent = new Agent({ keepAlive });
  }

  get(path: string): Promise<Outcome> {
    return this.request('GET', path);
  }

  request(
    method: string,
    path: string,
    json?: object,
    headers: Record<string, string> = {},
  ): Promise<Outcome> {
    const start = performance.now();
    return new Promise((resolve) => {
      const end = (outcome: Partial<Outcome>) =>
        resolve({
          serviceUrl: this.serviceUrl,
          start,
          reused: request.reusedSocket,
          status: undefined,
          error: undefined,
          retryAfter: undefined,
          body: '',
          ...outcome,
          ms: performance.now() - start,
        });
      const url = `${this.serviceUrl}${path}`;
      const type = json && { 'content-type': 'application/json' };
      const request = send(url, { method, agent: this.agent, headers: { ...type, ...headers } });
      const fail = (error: NodeJS.ErrnoException) => end({ error: error.code ?? error.message });
      request.on('error', fail);
      request.on('response', (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk));
        response.on('error', fail);
        response.on('end', () =>
          end({
            status: response.statusCode,
            retryAfter: response.headers['retry-after'],
            body,
          }),
        );
      });
      request.end(json && JSON.stringify(json));
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

/**
 * Requests that failed while their service still listened. Those that wait to be let in while it stops
 * listening are reset by the system, but none of them comes before one that was served.
 */
export function failedTooEarly(outcomes: readonly Outcome[]): Outcome[] {
  const lastServed = new Map<string, number>();
  for (const { serviceUrl, status, reused, start } of outcomes) {
    if (status === undefined || reused) continue;
    lastServed.set(serviceUrl, Math.max(start, lastServed.get(serviceUrl) ?? 0));
  }
  return outcomes.filter(
    ({ error, reused, start, serviceUrl }) =>
      error !== undefined && (reused || start < (lastServed.get(serviceUrl) ?? 0)),
  );
}

/** Short enough to catch a fault in the act, long enough not to be one itself. */
const PAUSE_MS = 5;

/** Does something over and over, several times at once, until it is stopped. */
export class Load<T> {
  readonly results: T[] = [];
  private stopped = false;
  private readonly ended: Promise<unknown>;

  constructor(atOnce: number, visit: (index: number) => Promise<T>) {
    this.ended = Promise.all(Array.from({ length: atOnce }, (_, index) => this.run(visit, index)));
  }

  async stop(): Promise<T[]> {
    this.stopped = true;
    await this.ended;
    return this.results;
  }

  private async run(visit: (index: number) => Promise<T>, index: number): Promise<void> {
    while (!this.stopped) {
      this.results.push(await visit(index));
      await delay(PAUSE_MS);
    }
  }
}
