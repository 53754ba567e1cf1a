import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** Sends these bytes, and returns all bytes of the response until the server closes the connection. */
export async function sendRaw(serviceUrl: string, request: string): Promise<string> {
  const { hostname, port } = new URL(serviceUrl);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(request);
  return text(socket);
}

/** Sends bytes as they are, and reads nothing of the answer. */
export async function sendOnly(url: string, bytes: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.pause();
  socket.write(bytes);
  return socket;
}
