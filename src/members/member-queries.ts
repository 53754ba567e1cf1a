import type { ClusterCipher } from '../clusters/cluster.cipher.js';
import type { Change } from '../clusters/cluster.signals.js';
import type { MemberCounts } from '../clusters/cluster.store.js';
import type { Query } from '../waiting/query.js';
import type { MemberList } from './member-list.js';
import type { MemberReader } from './member-reader.js';

/** A query about the members of a cluster, for the requests that wait. A thousand of them may join in one second. */
abstract class MembersQuery<T> implements Query<T> {
  abstract readonly name: string;
  abstract readonly pauseMs: number;

  constructor(
    protected readonly reader: MemberReader,
    protected readonly cipher: ClusterCipher,
  ) {}

  get clusterId(): string {
    return this.cipher.id;
  }

  isAffectedBy(change: Change): boolean {
    return change === 'members';
  }

  abstract read(): Promise<T>;
}

/** Queries the number of members. A read costs the same whatever their number. */
export class MemberCountsQuery extends MembersQuery<MemberCounts> {
  readonly name = 'member-counts';
  readonly pauseMs = 50;

  read(): Promise<MemberCounts> {
    return this.reader.counts(this.cipher);
  }
}

/** Queries the members themselves. */
export class MemberListQuery extends MembersQuery<MemberList> {
  readonly name = 'member-list';
  readonly pauseMs = 200;

  read(): Promise<MemberList> {
    return this.reader.list(this.cipher);
  }
}
