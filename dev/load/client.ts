import { Agent, request as send } from 'node:http';

/** The result of a request, with or without a response. */
export interface Outcome {
  /** The service, the start by `performance.now()`, and whether the connection was reused. */
  readonly serviceUrl: string;
  readonly start: number;
  readonly reused: boolean;
  /** Undefined if there was no complete response. */
  readonly status: number | undefined;
  /** The error code, such as ECONNREFUSED. */
  readonly error: string | undefined;
  readonly retryAfter: string | undefined;
  readonly body: string;
  readonly ms: number;
}

/** A client that never throws, and measures the time of each request. */
export class Client {
  private readonly agent: Agent;
  private readonly serviceUrl: string;

  /** `keepAlive`: whether connections are reused; the curl of a machine opens a new one each time. */
  constructor(serviceUrl: string, { keepAlive }: { keepAlive: boolean }) {
    // Name resolution takes time, and would change the order of requests.
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
