import { clientNetwork } from '../http/network.js';

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
/** The same for a client address: at most seven eighths of all places. It is more, because a NAT has many clients. */
const ADDRESS_SHARE = 7;

/** Divides a number of places fairly between groups, and between client addresses. */
export class PlaceShares {
  private taken = 0;
  private readonly ofGroup = new Map<string, number>();
  private readonly ofAddress = new Map<string, number>();

  constructor(private readonly places: number) {}

  /** Takes a place. Returns false when none is free, or the group or the address already has its share. */
  take({ group, address }: Sharer): boolean {
    const free = this.places - this.taken;
    const client = clientNetwork(address);
    const ofGroup = this.ofGroup.get(group) ?? 0;
    const ofAddress = this.ofAddress.get(client) ?? 0;
    if (ofGroup >= GROUP_SHARE * free || ofAddress >= ADDRESS_SHARE * free) return false;
    this.taken++;
    this.ofGroup.set(group, ofGroup + 1);
    this.ofAddress.set(client, ofAddress + 1);
    return true;
  }

  /** Frees a place that was taken. */
  release({ group, address }: Sharer): void {
    this.taken--;
    decrement(this.ofGroup, group);
    decrement(this.ofAddress, clientNetwork(address));
  }
}

function decrement(counts: Map<string, number>, key: string): void {
  const count = (counts.get(key) ?? 0) - 1;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
