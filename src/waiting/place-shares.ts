import { clientNetwork } from '../http/network.js';
import { ADDRESS_SHARE, Shares } from '../http/shares.js';

/** To whose share of the places a held request counts. */
export interface Sharer {
  /** The id of the cluster. For a request about several clusters, their owner. */
  readonly group: string;
  /** The address of the client, in normal form. */
  readonly address: string;
}

/**
 * A group gets another place only while it has fewer than this many times the free places. So one group gets at
 * most three quarters of all places, each gets less the more groups there are, and some places stay free for a new
 * group (ADR 12).
 */
const GROUP_SHARE = 3;

/** Divides a number of places fairly between groups, and between client addresses. */
export class PlaceShares {
  private taken = 0;
  private readonly ofGroup = new Shares(GROUP_SHARE);
  private readonly ofAddress = new Shares(ADDRESS_SHARE);

  constructor(private readonly places: number) {}

  /** Takes a place. Returns false when none is free, or the group or the address already has its share. */
  take({ group, address }: Sharer): boolean {
    const free = this.places - this.taken;
    const client = clientNetwork(address);
    if (!this.ofGroup.allows(group, free) || !this.ofAddress.allows(client, free)) return false;
    this.taken++;
    this.ofGroup.take(group);
    this.ofAddress.take(client);
    return true;
  }

  /** Frees a place that was taken. */
  release({ group, address }: Sharer): void {
    this.taken--;
    this.ofGroup.release(group);
    this.ofAddress.release(clientNetwork(address));
  }
}
