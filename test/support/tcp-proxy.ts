import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

type Rewrite = (chunk: Buffer) => Buffer;

/** A way to a server that a test can cut without either end being told. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private frozen = false;
  private isCut = false;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  /** Leads to a port of this machine, with what the server says rewritten if wanted. */
  static async to(target: number, rewrite: Rewrite = (chunk) => chunk): Promise<TcpProxy> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const proxy = new TcpProxy(server, (server.address() as AddressInfo).port);
    server.on('connection', (client: Socket) => proxy.lead(client, target, rewrite));
    return proxy;
  }

  /** From now on nothing passes and nothing is closed: connections are half open. */
  freeze(): void {
    this.frozen = true;
    for (const socket of this.sockets) socket.removeAllListeners('data').pause();
  }

  /** New connections pass again; those that were frozen stay so. */
  thaw(): void {
    this.frozen = false;
  }

  /** Breaks every connection, and each new one, as if the server were gone. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  /** New connections pass again after {@link cut}. */
  mend(): void {
    this.isCut = false;
  }

  async close(): Promise<void> {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  private lead(client: Socket, target: number, rewrite: Rewrite): void {
    this.watch(client);
    if (this.isCut) client.destroy();
    if (this.frozen || this.isCut) return;
    const server = connect(target, '127.0.0.1');
    this.watch(server);
    client.on('data', (chunk: Buffer) => server.write(chunk));
    server.on('data', (chunk: Buffer) => client.write(rewrite(chunk)));
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
  }

  private watch(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
  }
}
