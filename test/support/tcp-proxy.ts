import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

type Rewrite = (chunk: Buffer) => Buffer;

/** A proxy in front of a server whose connections a test can freeze, so that neither end notices. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private frozen = false;
  private isCut = false;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  /** Forwards to a port of this machine, and optionally rewrites what the server sends. */
  static async to(target: number, rewrite: Rewrite = (chunk) => chunk): Promise<TcpProxy> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const proxy = new TcpProxy(server, (server.address() as AddressInfo).port);
    server.on('connection', (client: Socket) => proxy.lead(client, target, rewrite));
    return proxy;
  }

  /** Stops forwarding without closing: connections are half open from now on. */
  freeze(): void {
    this.frozen = true;
    for (const socket of this.sockets) socket.removeAllListeners('data').pause();
  }

  /** Forwards new connections again; frozen ones stay frozen. */
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
