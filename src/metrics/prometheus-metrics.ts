import { createRequire } from 'node:module';
import { Counter, Gauge, Registry } from 'prom-client';
import { DurationHistogram } from './durations.js';
import {
  Metrics,
  type OperationMetrics,
  type RecordState,
  type RedisState,
  type StorageOperation,
} from './metrics.js';
import { RedisGauges } from './redis-gauges.js';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** Redis answers in a fraction of a millisecond. A command fails after 600 to 800 ms. */
const STORAGE_BUCKETS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
];

/** Counts for Prometheus; names and units follow its conventions. */
export class PrometheusMetrics extends Metrics {
  readonly registry = new Registry();
  private readonly registers = [this.registry];

  private readonly pinsIssued = new Counter({
    name: 'pairing_pins_issued_total',
    help: 'PINs issued.',
    registers: this.registers,
  });

  private readonly secondMasters = new Counter({
    name: 'pairing_second_masters_total',
    help: 'Machines that were refused because their cluster had another master.',
    registers: this.registers,
  });

  private readonly masterChanges = new Counter({
    name: 'pairing_master_changes_total',
    help: 'How often the master of a cluster was replaced or removed, or this was refused.',
    labelNames: ['what'],
    registers: this.registers,
  });

  private readonly throttledRequests = new Counter({
    name: 'pairing_throttled_requests_total',
    help: 'Requests refused with 429.',
    labelNames: ['what'],
    registers: this.registers,
  });

  private readonly storageSeconds = new DurationHistogram(
    this.registry,
    'pairing_storage_operation_duration_seconds',
    'Time the storage took for an operation, failed ones included.',
    STORAGE_BUCKETS,
  );

  private readonly storageFailures = new Counter({
    name: 'pairing_storage_operation_failures_total',
    help: 'Operations of the storage that failed or took too long.',
    labelNames: ['storage', 'store', 'operation'],
    registers: this.registers,
  });

  private readonly masterSeconds = new DurationHistogram(
    this.registry,
    'pairing_issue_to_master_duration_seconds',
    'Time from the issue of a PIN until the master of its cluster registered.',
    [30, 60, 120, 300, 600, 1800, 3600, 14_400, 43_200, 86_400],
  ).of({});

  private readonly workerSeconds = new DurationHistogram(
    this.registry,
    'pairing_ready_to_fetch_duration_seconds',
    'Time from when a master was ready until the first worker fetched its address.',
    [0.05, 0.25, 1, 5, 15, 35, 60, 120, 300, 1500],
  ).of({});

  private readonly completionSeconds = new DurationHistogram(
    this.registry,
    'pairing_issue_to_complete_duration_seconds',
    'Time from the issue of a PIN until as many workers were ready as are expected.',
    [60, 120, 300, 600, 900, 1800, 3600, 14_400, 43_200, 86_400],
  ).of({});

  private readonly workersSeconds = new DurationHistogram(
    this.registry,
    'pairing_ready_to_complete_duration_seconds',
    'Time from when a master was ready until as many workers were ready as are expected.',
    [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600],
  ).of({});

  private readonly clustersEnded = new Counter({
    name: 'pairing_clusters_ended_total',
    help: 'Clusters that have ended, by outcome.',
    labelNames: ['outcome'],
    registers: this.registers,
  });

  private readonly livePins = new Gauge({
    name: 'pairing_pins_live',
    help: 'PINs with a live cluster.',
    registers: this.registers,
  });

  private readonly expiryLag = new Gauge({
    name: 'pairing_expiry_lag_seconds',
    help: 'How long the longest overdue record has been due for expiry.',
    registers: this.registers,
  });

  private readonly expirySuccess = new Gauge({
    name: 'pairing_expiry_last_success_timestamp_seconds',
    help: 'When expiry last succeeded on any replica.',
    registers: this.registers,
  });

  private readonly signals = new Counter({
    name: 'pairing_signals_total',
    help: 'Signals of the storage: changes of clusters, and losses of such signals.',
    labelNames: ['what'],
    registers: this.registers,
  });

  private readonly held = new Gauge({
    name: 'pairing_held_requests',
    help: 'Requests that are held until a change or their deadline.',
    registers: this.registers,
  });

  private readonly heldLimit = new Gauge({
    name: 'pairing_held_requests_limit',
    help: 'How many requests this replica holds at most.',
    registers: this.registers,
  });

  private readonly databaseUp = new Gauge({
    name: 'pairing_database_up',
    help: 'Whether the record database answers: 1 or 0.',
    registers: this.registers,
  });

  private readonly ssoUp = new Gauge({
    name: 'pairing_sso_up',
    help: 'Whether the identity provider can be used to sign in: 1 or 0.',
    registers: this.registers,
  });

  private readonly connections = new Gauge({
    name: 'pairing_connections',
    help: 'Open connections of clients.',
    registers: this.registers,
  });

  private readonly connectionsLimit = new Gauge({
    name: 'pairing_connections_limit',
    help: 'How many connections this replica has at most.',
    registers: this.registers,
  });

  private readonly droppedConnections = new Counter({
    name: 'pairing_connections_dropped_total',
    help: 'Connections that were closed at once because the limit was reached.',
    registers: this.registers,
  });

  private countConnections = () => 0;
  private countHeld = () => 0;
  private isDatabaseUp = () => false;
  private redis: RedisGauges | undefined;

  constructor() {
    super();
    for (const what of ['changed', 'removed', 'refused']) this.masterChanges.inc({ what }, 0);
    for (const what of ['guessing', 'issuing', 'writing']) this.throttledRequests.inc({ what }, 0);
    for (const what of ['change', 'loss']) this.signals.inc({ what }, 0);
    new Gauge({
      name: 'pairing_build_info',
      help: 'Always 1; the version of the service is in the label.',
      labelNames: ['version'],
      registers: this.registers,
    }).set({ version }, 1);
  }

  pinIssued(): void {
    this.pinsIssued.inc();
  }

  secondMaster(): void {
    this.secondMasters.inc();
  }

  masterChange(what: string): void {
    this.masterChanges.inc({ what });
  }

  throttled(what: string): void {
    this.throttledRequests.inc({ what });
  }

  observeMasterDelay(seconds: number): void {
    this.masterSeconds.observe(seconds);
  }

  observeFetchDelay(seconds: number): void {
    this.workerSeconds.observe(seconds);
  }

  observeCompletion(sinceIssue: number, sinceReady: number | undefined): void {
    this.completionSeconds.observe(sinceIssue);
    if (sinceReady !== undefined) this.workersSeconds.observe(sinceReady);
  }

  clusterEnded(outcome: string): void {
    this.clustersEnded.inc({ outcome });
  }

  setRecordState({ livePins, lagMs, lastSuccessAt }: RecordState): void {
    this.livePins.set(livePins);
    this.expiryLag.set(lagMs / 1000);
    if (lastSuccessAt !== undefined) this.expirySuccess.set(lastSuccessAt / 1000);
  }

  storageOperation({ storage, store, operation }: StorageOperation): OperationMetrics {
    const duration = this.storageSeconds.of({ storage, store, operation });
    const failures = this.storageFailures.labels(storage, store, operation);
    failures.inc(0); // so that the first failure is seen as an increase
    return {
      succeeded: (seconds) => duration.observe(seconds),
      failed(seconds) {
        duration.observe(seconds);
        failures.inc();
      },
    };
  }

  observeHeldRequests(count: () => number, max: number): void {
    this.heldLimit.set(max);
    this.countHeld = count;
  }

  observeConnections(count: () => number, max: number): void {
    this.connectionsLimit.set(max);
    this.countConnections = count;
  }

  connectionDropped(): void {
    this.droppedConnections.inc();
  }

  countSignal(what: string): void {
    this.signals.inc({ what });
  }

  observeDatabase(isUp: () => boolean): void {
    this.isDatabaseUp = isUp;
  }

  setSsoUp(isUp: boolean): void {
    this.ssoUp.set(Number(isUp));
  }

  observeRedis(read: () => Promise<RedisState>): void {
    this.redis = new RedisGauges(this.registry, read);
  }

  /** All metrics, in the text format of Prometheus. */
  async text(): Promise<string> {
    this.held.set(this.countHeld());
    this.databaseUp.set(Number(this.isDatabaseUp()));
    this.connections.set(this.countConnections());
    await this.redis?.refresh();
    return this.registry.metrics();
  }
}
