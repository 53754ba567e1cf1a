import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CleanUp } from '../support/clean-up.js';
import { until } from '../support/process.js';
import { type Service, startService } from '../support/service.js';

const HELD = 60;
const RESERVE = 20;

describe('Connections of a replica', () => {
  const cleanUp = new CleanUp();
  let service: Service;
  beforeAll(async () => {
    const env = { MAX_HELD_REQUESTS: String(HELD), CONNECTION_RESERVE: String(RESERVE) };
    service = cleanUp.add(await startService({ ...env, HOST: '127.0.0.1' }));
  });
  afterAll(() => cleanUp.run());

  const port = () => Number(new URL(service.url).port);

  /** The status of liveness, asked for from this address on a connection of its own. */
  async function live(localAddress: string): Promise<number | undefined> {
    const asked = request({ host: '127.0.0.1', port: port(), localAddress, path: '/health/live' });
    asked.end();
    const [answer] = await once(asked, 'response');
    answer.resume();
    return answer.statusCode;
  }

  it('are left for another address when one opens all it can, and says nothing', async () => {
    let closed = 0;
    for (let n = 0; n < 2 * (HELD + RESERVE); n++) {
      const socket = connect(port(), '127.0.0.1');
      cleanUp.add({ close: () => socket.destroy() });
      socket.on('error', () => undefined).once('close', () => closed++);
      await once(socket, 'connect');
    }
    await until('those over the share to be closed', () => closed >= HELD + RESERVE);
    expect(await live('127.0.0.2')).toBe(200);
    expect(service.output).toMatch(/One client address has its share of the connections/);
  });
});
