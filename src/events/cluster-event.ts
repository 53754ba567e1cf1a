import { isDeepStrictEqual } from 'node:util';
import { ApiProperty } from '@nestjs/swagger';
import {
  addedAt,
  type Cluster,
  type ClusterState,
  clusterStates,
  failedAt,
  MASTER_IP,
  MASTER_READY,
  stateOf,
} from '../clusters/cluster.js';
import { WorkersInfo } from '../clusters/cluster.dto.js';
import { timestamp, timestampOrNull } from '../clock/timestamp.js';

const time = { type: 'string', format: 'date-time', nullable: true } as const;

/** The state of a cluster, as an event stream sends it. */
export class ClusterSnapshot {
  @ApiProperty({ enum: clusterStates, example: 'master_registered' })
  readonly state: ClusterState;

  @ApiProperty({ format: 'date-time', example: '2026-11-24T12:00:00.000Z' })
  readonly expiration_time: string;

  @ApiProperty({ type: 'string', nullable: true, example: '10.10.25.5' })
  readonly master_address: string | null;

  @ApiProperty({ ...time, example: '2026-11-23T12:01:00.000Z' })
  readonly master_registered_time: string | null;

  @ApiProperty({ ...time, example: null })
  readonly master_ready_time: string | null;

  @ApiProperty({
    ...time,
    example: null,
    description: 'When the master announced that it had failed. Null if it was ready later.',
  })
  readonly failed_time: string | null;

  @ApiProperty({ type: 'integer', minimum: 0, example: 0 })
  readonly second_masters: number;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    example: 0,
    description: 'How often the master was replaced or removed.',
  })
  readonly master_changes: number;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    example: 0,
    description: 'How often the address was fetched, which every worker does once.',
  })
  readonly fetches: number;

  @ApiProperty()
  readonly workers: WorkersInfo;

  @ApiProperty({
    ...time,
    example: null,
    description: 'When as many workers were ready as are expected, for the first time.',
  })
  readonly completed_time: string | null;

  constructor(cluster: Cluster, masterAddress: string | undefined) {
    this.state = stateOf(cluster);
    this.expiration_time = timestamp(cluster.expiresAt);
    this.master_address = masterAddress ?? null;
    this.master_registered_time = timestampOrNull(addedAt(cluster, MASTER_IP));
    this.master_ready_time = timestampOrNull(addedAt(cluster, MASTER_READY));
    this.failed_time = timestampOrNull(failedAt(cluster));
    this.second_masters = cluster.secondMasters;
    this.master_changes = cluster.masterChanges;
    this.fetches = cluster.fetches;
    this.workers = new WorkersInfo(cluster.workers);
    this.completed_time = timestampOrNull(cluster.completedAt);
  }
}

/** The name of an event and its data. */
export type ClusterEvent =
  | { readonly event: 'state'; readonly data: ClusterSnapshot }
  | { readonly event: 'master_registered'; readonly data: { address: string; time: string } }
  | { readonly event: 'master_ready'; readonly data: { time: string } }
  | { readonly event: 'failed'; readonly data: { time: string } }
  | { readonly event: 'second_master'; readonly data: { second_masters: number } }
  | { readonly event: 'master_changed'; readonly data: { master_changes: number } }
  | { readonly event: 'worker_fetched'; readonly data: { fetches: number } }
  | { readonly event: 'members'; readonly data: WorkersInfo }
  | { readonly event: 'complete'; readonly data: { time: string } }
  | { readonly event: 'ended'; readonly data: { reason: 'ended' | 'expired' } };

/** The events that tell the changes between two snapshots. No event tells that a key was removed, so `state` is sent then. */
export function eventsBetween(before: ClusterSnapshot, after: ClusterSnapshot): ClusterEvent[] {
  if (wasRemoved(before, after)) return [{ event: 'state', data: after }];
  const events: ClusterEvent[] = [];
  const { master_address: address, master_registered_time: registered } = after;
  if (address !== null && registered !== null && address !== before.master_address) {
    events.push({ event: 'master_registered', data: { address, time: registered } });
  }
  if (after.master_changes !== before.master_changes) {
    events.push({ event: 'master_changed', data: { master_changes: after.master_changes } });
  }
  if (after.second_masters !== before.second_masters) {
    events.push({ event: 'second_master', data: { second_masters: after.second_masters } });
  }
  if (after.master_ready_time !== null && before.master_ready_time === null) {
    events.push({ event: 'master_ready', data: { time: after.master_ready_time } });
  }
  if (after.failed_time !== null && before.failed_time === null) {
    events.push({ event: 'failed', data: { time: after.failed_time } });
  }
  if (after.fetches !== before.fetches) {
    events.push({ event: 'worker_fetched', data: { fetches: after.fetches } });
  }
  if (!isDeepStrictEqual(after.workers, before.workers)) {
    events.push({ event: 'members', data: after.workers });
  }
  if (after.completed_time !== null && before.completed_time === null) {
    events.push({ event: 'complete', data: { time: after.completed_time } });
  }
  return events;
}

function wasRemoved(before: ClusterSnapshot, after: ClusterSnapshot): boolean {
  return (
    (before.master_address !== null && after.master_address === null) ||
    (before.master_ready_time !== null && after.master_ready_time === null) ||
    (before.failed_time !== null && after.failed_time === null && after.state !== 'ready')
  );
}
