import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A response to a client that reads it only when the test says so. */
export class UnreadResponse {
  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly client: Socket,
    readonly response: ServerResponse,
  ) {}

  static async open(): Promise<UnreadResponse> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => undefined); // it is reset when it is cut off
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
    return new UnreadResponse(server, client, response);
  }

  async close(): Promise<void> {
    this.client.destroy();
    await once(this.server.close(), 'close');
  }
}
