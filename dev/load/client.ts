import { Agent, request as send } from 'node:http';

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
