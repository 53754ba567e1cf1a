import { isIPv4 } from 'node:net';
import { networkOf } from '../limits/network.js';

/** Whose share of the places a held request counts to. */
export interface Sharer {
  /** The id of the cluster; of a request for several clusters, who owns them. */
  readonly group: string;
  /** The address of the client, in normal form. */
  readonly address: string;
}

/**
 * A group gets a place while it has fewer than this many times the places that are free. So it gets at
 * most three quarters of all, and the more groups wait, the less each gets: some places stay free for a
 * group that has none yet (ADR 12).
 */
const GROUP_SHARE = 3;
/** The same for a client address: seven eighths, so that a neighbour behind the same NAT gets a place too. */
const ADDRESS_SHARE = 7;

/** Shares a number of places between groups, and between client addresses. */
export class PlaceShares {
  private taken = 0;
  private readonly ofGroup = new Map<string, number>();
  private readonly ofAddress = new Map<string, number>();

  constructor(private readonly places: number) {}

  /** Takes a place. False when none is left, or the group or the address has its share already. */
  take({ group, address }: Sharer): boolean {
    const free = this.places - this.taken;
    const client = clientOf(address);
    const ofGroup = this.ofGroup.get(group) ?? 0;
    const ofAddress = this.ofAddress.get(client) ?? 0;
    if (ofGroup >= GROUP_SHARE * free || ofAddress >= ADDRESS_SHARE * free) return false;
    this.taken++;
    this.ofGroup.set(group, ofGroup + 1);
    this.ofAddress.set(client, ofAddress + 1);
    return true;
  }

  /** Gives back a place that was taken. */
  giveBack({ group, address }: Sharer): void {
    this.taken--;
    decrement(this.ofGroup, group);
    decrement(this.ofAddress, clientOf(address));
  }
}

/** A client has all addresses of an IPv6 /64 at its disposal. */
function clientOf(address: string): string {
  return isIPv4(address) ? address : networkOf(address);
}

function decrement(counts: Map<string, number>, key: string): void {
  const count = (counts.get(key) ?? 0) - 1;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
