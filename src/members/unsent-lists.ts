import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { PairingError } from '../errors/pairing-error.js';
import type { Representation } from './member-list.js';

/** For each cluster: five of the longest lists that there can be, or hundreds of usual ones. */
export const MAX_UNSENT_BYTES = 32 * 1024 * 1024;
/** By then a client that does not read is disconnected (`http/connections.ts`). */
const RETRY_SECONDS = 30;

/** The bodies of one cluster that are being sent, and to how many clients. */
interface Unsent {
  readonly clients: Map<Representation, number>;
  bytes: number;
}

/**
 * Bounds the memory of lists that are being sent. All clients of one list share its body, but each change of a member makes
 * a new one, so clients that do not read could keep many of them.
 */
@Injectable()
export class UnsentLists {
  private readonly byCluster = new Map<string, Unsent>();

  /** Counts a body until its response is closed. Fails with `too-many-requests` when the cluster has its share. */
  add(clusterId: string, representation: Representation, response: ServerResponse): void {
    if (response.closed) return; // the client has gone while the list was read
    const unsent = this.byCluster.get(clusterId) ?? { clients: new Map(), bytes: 0 };
    const clients = unsent.clients.get(representation) ?? 0;
    const { length } = representation.body;
    if (clients === 0) {
      if (unsent.bytes + length > MAX_UNSENT_BYTES) {
        throw new PairingError('too-many-requests', {
          detail: 'Too many lists of this cluster are being sent to clients that do not read them.',
          retryAfterSeconds: RETRY_SECONDS,
        });
      }
      unsent.bytes += length;
    }
    unsent.clients.set(representation, clients + 1);
    this.byCluster.set(clusterId, unsent);
    response.once('close', () => this.remove(clusterId, unsent, representation));
  }

  private remove(clusterId: string, unsent: Unsent, representation: Representation): void {
    const clients = unsent.clients.get(representation)! - 1;
    if (clients > 0) {
      unsent.clients.set(representation, clients);
      return;
    }
    unsent.clients.delete(representation);
    unsent.bytes -= representation.body.length;
    if (unsent.clients.size === 0) this.byCluster.delete(clusterId);
  }
}
