import { Injectable } from '@nestjs/common';
import { ClusterStore } from '../clusters/cluster.store.js';
import { MAX_MEMBERS } from '../clusters/cluster.js';
import { PinResolver } from '../clusters/pin.resolver.js';
import { PairingError, UnknownPinError } from '../errors/pairing-error.js';
import type { Member, MemberStatus } from './member.js';
import { openMember, sealMember, type WrittenMember } from './sealed-member.js';

/** A member as it was stored, and whether it has joined just now. */
export interface PutMember {
  readonly member: Member;
  readonly joined: boolean;
}

/** Writes the members of a cluster, for clients that know its PIN. */
@Injectable()
export class MembersService {
  constructor(
    private readonly store: ClusterStore,
    private readonly pins: PinResolver,
  ) {}

  /**
   * Adds or changes a member, for the client at `address`. The same status again changes nothing. Fails with
   * `member-exists` when another client has written a member of this name, with `cluster-full`, and with
   * `UnknownPinError`, as all methods do.
   */
  async put(pin: string, name: string, status: MemberStatus, address: string): Promise<PutMember> {
    const cipher = await this.pins.resolve(pin);
    for (;;) {
      const next = sealMember(cipher, name, status, address);
      const added = await this.store.addMember(cipher.id, next);
      switch (added.outcome) {
        case 'added':
          return { member: openMember(cipher, added.member).member, joined: true };
        case 'no-cluster':
          throw new UnknownPinError();
        case 'full':
          throw new PairingError('cluster-full', {
            detail: `The cluster has the maximum number of members, ${MAX_MEMBERS}.`,
          });
        case 'exists': {
          const before = openMember(cipher, added.member);
          if (before.writer !== address) throw new PairingError('member-exists');
          if (isAlready(before, status)) return { member: before.member, joined: false };
          const replaced = await this.store.replaceMember(cipher.id, added.member.sealed, next);
          if (replaced.outcome === 'replaced') {
            return { member: openMember(cipher, replaced.member).member, joined: false };
          }
          // It was changed or removed by another request meanwhile: begin again.
        }
      }
    }
  }

  /** Removes a member, also for other clients than its writer: a machine may be gone without having said so. Fails with `not-found`. */
  async remove(pin: string, name: string): Promise<void> {
    const cipher = await this.pins.resolve(pin);
    switch (await this.store.removeMember(cipher.id, cipher.handleOf(name))) {
      case 'removed':
        return;
      case 'no-cluster':
        throw new UnknownPinError();
      case 'missing':
        throw new PairingError('not-found');
    }
  }
}

function isAlready({ member }: WrittenMember, { address, state, detail }: MemberStatus): boolean {
  return member.address === address && member.state === state && member.detail === detail;
}
