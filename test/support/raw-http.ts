import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** Sends bytes as they are, and gives all that comes back until the other side closes. */
export async function sendRaw(serviceUrl: string, request: string): Promise<string> {
  const { hostname, port } = new URL(serviceUrl);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(request);
  return text(socket);
}
