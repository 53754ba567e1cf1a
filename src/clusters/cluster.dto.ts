import { ApiProperty } from '@nestjs/swagger';
import { timestamp } from '../clock/timestamp.js';
import {
  type Cluster,
  type ClusterState,
  clusterStates,
  stateOf,
  type Workers,
} from './cluster.js';
import { PIN_PATTERN } from './pin.js';

/** A PIN that was just issued. */
export class IssuedCluster {
  @ApiProperty({ pattern: PIN_PATTERN, example: 'enico1qq0oey', description: 'Shown only once.' })
  readonly pin: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T12:00:00.000Z' })
  readonly creation_time: string;

  constructor(pin: string, createdAt: number) {
    this.pin = pin;
    this.creation_time = timestamp(createdAt);
  }
}

/** The workers of a cluster in numbers. Only workers that join are counted, not those of old images. */
export class WorkersInfo {
  @ApiProperty({
    type: 'integer',
    nullable: true,
    minimum: 1,
    example: 8,
    description: 'How many are expected. Null if that is not known.',
  })
  readonly expected: number | null;

  @ApiProperty({ type: 'integer', minimum: 0, example: 6, description: 'How many have joined.' })
  readonly joined: number;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    example: 5,
    description: 'How many of them are ready.',
  })
  readonly ready: number;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    example: 0,
    description: 'How many of them have failed.',
  })
  readonly failed: number;

  constructor({ expected, joined, ready, failed }: Workers) {
    this.expected = expected ?? null;
    this.joined = joined;
    this.ready = ready;
    this.failed = failed;
  }
}

/** A live cluster, for clients that know its PIN. */
export class ClusterInfo extends IssuedCluster {
  @ApiProperty({ format: 'date-time', example: '2026-11-24T12:00:00.000Z' })
  readonly expiration_time: string;

  @ApiProperty({ enum: clusterStates, example: 'master_registered' })
  readonly state: ClusterState;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    example: 0,
    description:
      'How often a machine other than the registered master tried to register. If more than 0, two machines claim to be the master, and the registered one may be the wrong one.',
  })
  readonly second_masters: number;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    example: 0,
    description:
      'How often the master was replaced or removed: `master_ip` was changed, removed or added again, or `master_ready` was removed. If more than 0, check that the address is that of your master.',
  })
  readonly master_changes: number;

  @ApiProperty()
  readonly workers: WorkersInfo;

  constructor(pin: string, cluster: Cluster) {
    super(pin, cluster.createdAt);
    this.expiration_time = timestamp(cluster.expiresAt);
    this.state = stateOf(cluster);
    this.second_masters = cluster.secondMasters;
    this.master_changes = cluster.masterChanges;
    this.workers = new WorkersInfo(cluster.workers);
  }
}
