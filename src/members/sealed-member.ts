import type { ClusterCipher } from '../clusters/cluster.cipher.js';
import type { SealedMember, StoredMember } from '../clusters/cluster.store.js';
import type { Member, MemberStatus } from './member.js';

/** What is encrypted for a member. Its state is stored in clear, so that the store can count. */
interface Secrets extends Omit<MemberStatus, 'state'> {
  readonly name: string;
  /** The address of the client that wrote it. */
  readonly writer: string;
}

/** A member, and the address of the client that wrote it. */
export interface WrittenMember {
  readonly member: Member;
  readonly writer: string;
}

/** Encrypts a member that the client at `writer` wrote. */
export function sealMember(
  cipher: ClusterCipher,
  name: string,
  { address, state, detail }: MemberStatus,
  writer: string,
): SealedMember {
  const handle = cipher.handleOf(name);
  const secrets: Secrets = { name, address, detail, writer };
  return { handle, state, sealed: cipher.seal(contextOf(handle, state), JSON.stringify(secrets)) };
}

/** Decrypts what `sealMember` returned. Fails when it was encrypted for another cluster, handle or state. */
export function openMember(cipher: ClusterCipher, stored: StoredMember): WrittenMember {
  const { handle, state, sealed, joinedAt, updatedAt } = stored;
  const opened = JSON.parse(cipher.open(contextOf(handle, state), sealed)) as Secrets;
  const { name, address, detail, writer } = opened;
  return { member: { name, address, state, detail, joinedAt, updatedAt }, writer };
}

/** Differs from the name of every key, and binds the state. */
function contextOf(handle: string, state: string): string {
  return `member:${handle}:${state}`;
}
