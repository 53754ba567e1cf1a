import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of the test's own, in the place of the service. */
export interface OtherServer {
  readonly url: string;
  /** `GET /api/v1/…` as they came. */
  readonly requests: readonly IncomingMessage[];
  readonly close: () => Promise<void>;
}

export async function startServer(answer: RequestListener): Promise<OtherServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Answers everything alike. */
export const always =
  (status: number, body = '', headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(status, headers).end(body);

/** A service whose master has been ready for long, with these values under its keys. */
export const pairedWith =
  (master_ip: string, master_ready = 'true'): RequestListener =>
  ({ url = '' }, response) => {
    const value = url.endsWith('/master_ip') ? master_ip : master_ready;
    response.end(`${url.split('/').at(-1)}: ${value}`);
  };

/** Holds requests for `master_ready` as asked by `Prefer: wait`, until told that it is there. */
export function holdingService(masterIp: string) {
  let ready = false;
  const held = new Set<() => void>();
  const listener = ({ url = '', headers }: IncomingMessage, response: ServerResponse): void => {
    if (!url.includes('/keys')) return void response.end('{"pin":"enico1qq0oey"}');
    if (url.endsWith('/master_ip')) return void response.end(`master_ip: ${masterIp}`);
    const wait = /wait=(\d+)/.exec(String(headers.prefer))?.[1];
    const answer = () => {
      held.delete(answer);
      clearTimeout(timer);
      response.setHeader('preference-applied', `wait=${wait}`);
      if (ready) response.end('master_ready: true');
      else response.writeHead(404).end();
    };
    const timer = setTimeout(answer, Number(wait) * 1000);
    held.add(answer);
    if (ready) answer();
  };
  return {
    listener,
    held,
    becomeReady() {
      ready = true;
      for (const answer of held) answer();
    },
  };
}
