import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { cpuWhile } from '../dev/load/cpu.ts';
import type { Server } from './stage.ts';
import { CONNECTIONS, SECONDS } from './wrk.ts';

// As much of the protocol of NATS (docs.nats.io/reference/reference-protocols) as reading a key takes, because Debian
// has the server of NATS but no client.

const BUCKET = 'bench';
const STREAM = `KV_${BUCKET}`;

/** Makes a bucket with one key. */
export async function putNatsKey(server: Server, key: string, value: string): Promise<void> {
  const connection = await NatsConnection.open(server);
  const stream = {
    name: STREAM,
    subjects: [`$KV.${BUCKET}.>`],
    max_msgs_per_subject: 1,
    allow_direct: true,
    storage: 'memory',
  };
  await connection.ask(`$JS.API.STREAM.CREATE.${STREAM}`, JSON.stringify(stream));
  await connection.ask(`$KV.${BUCKET}.${key}`, value);
  connection.close();
}

/**
 * Reads a key as wrk reads those of other servers: with so many connections, one request at a time on each. Resolves to
 * the CPU time of the server for each read, in microseconds. Throws if an answer has another value.
 */
export async function readNatsKey(server: Server, key: string, value: string): Promise<number> {
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => NatsConnection.open(server)),
  );
  const subject = `$JS.API.DIRECT.GET.${STREAM}.$KV.${BUCKET}.${key}`;
  const end = performance.now() + SECONDS * 1_000;
  let count = 0;
  const readUntilEnd = async (connection: NatsConnection) => {
    for (; performance.now() < end; count++) {
      const answer = await connection.ask(subject);
      if (!answer.endsWith(`\r\n\r\n${value}\r\n`)) throw new Error(`NATS answered ${answer}`);
    }
  };
  const cpuUs = await cpuWhile([server.pid], () => Promise.all(connections.map(readUntilEnd)));
  for (const connection of connections) connection.close();
  return cpuUs / count;
}

/** A connection with one request at a time. */
class NatsConnection {
  private readonly socket: Socket;
  /** The subject that its answers are sent to. */
  private readonly inbox = `_INBOX.${randomUUID()}`;
  private received = '';
  private answered: ((answer: string) => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => this.receive(text));
    socket.write(`CONNECT {"verbose":false,"headers":true}\r\nSUB ${this.inbox} 1\r\n`);
  }

  static async open({ url }: Server): Promise<NatsConnection> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    return new NatsConnection(socket);
  }

  /** The bytes of the answer to a request. */
  ask(subject: string, body = ''): Promise<string> {
    this.socket.write(`PUB ${subject} ${this.inbox} ${body.length}\r\n${body}\r\n`);
    return new Promise((resolve) => (this.answered = resolve));
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(text: string): void {
    this.received += text;
    for (;;) {
      const [line, control, bytes = '0'] = /^(\w+).*?(\d+)?\r\n/.exec(this.received) ?? [];
      if (line === undefined) return;
      const isMessage = control === 'MSG' || control === 'HMSG';
      const length = isMessage ? line.length + Number(bytes) + 2 : line.length;
      if (this.received.length < length) return;
      const received = this.received.slice(0, length);
      this.received = this.received.slice(length);
      if (control === 'PING') this.socket.write('PONG\r\n');
      else if (isMessage) this.answered?.(received);
      else if (control !== 'INFO') throw new Error(`NATS sent ${received}`);
    }
  }
}
