import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Cluster } from '../../src/clusters/cluster.js';
import { ClusterSnapshot } from '../../src/events/cluster-event.js';
import { EventStream } from '../../src/events/event-stream.js';
import { UnreadResponse } from '../support/unread-response.js';

/** More events than the buffers of the kernel take. */
const TOO_MANY = 200_000;

const NONE = { expected: undefined, joined: 0, ready: 0, failed: 0 };

describe('A client that watches a cluster', () => {
  let unread: UnreadResponse;
  let client: Socket;
  let response: ServerResponse;
  let stream: EventStream;

  beforeEach(async () => {
    unread = await UnreadResponse.open();
    ({ client, response } = unread);
    stream = new EventStream(response, snapshot(0));
  });
  afterEach(() => unread.close());

  function snapshot(secondMasters: number): ClusterSnapshot {
    const cluster = {
      expiresAt: 0,
      keys: [],
      secondMasters,
      fetches: 0,
      workers: NONE,
    } as Partial<Cluster>;
    return new ClusterSnapshot(cluster as Cluster, undefined);
  }
  function send(count: number): void {
    for (let n = 1; n <= count; n++) stream.onResult({ snapshot: snapshot(n), expiresAt: 0 });
  }

  it('and does not read is cut off at the next heartbeat', async () => {
    client.pause();
    send(TOO_MANY);
    stream.sendHeartbeat();
    await delay(200);
    expect(response.destroyed).toBe(false);
    stream.sendHeartbeat();
    expect(response.destroyed).toBe(true);
  });

  it('and reads stays connected', async () => {
    client.resume();
    for (let n = 0; n < 3; n++) {
      send(100);
      stream.sendHeartbeat();
      await delay(500);
    }
    expect(response.destroyed).toBe(false);
  });
});
