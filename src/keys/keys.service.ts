import { Injectable } from '@nestjs/common';
import { MASTER_IP } from '../clusters/cluster.js';
import type { ClusterSeal } from '../clusters/cluster.seal.js';
import { ClusterSeals } from '../clusters/cluster.seals.js';
import { ClusterStore } from '../clusters/cluster.store.js';
import { PairingError, UnknownPinError } from '../errors/pairing-error.js';
import { AuditLog } from '../logging/audit-log.js';
import { Metrics } from '../metrics/metrics.js';
import { type Key, problemOfKey } from './key.js';
import { type LookUp, RecentLookUps } from './recent-look-ups.js';

/** The pairs under a PIN. Whoever knows the PIN may do all of this. */
@Injectable()
export class KeysService {
  constructor(
    private readonly store: ClusterStore,
    private readonly seals: ClusterSeals,
    private readonly audit: AuditLog,
    private readonly metrics: Metrics,
    private readonly recent: RecentLookUps,
  ) {}

  /** All keys in order of creation. Fails with `UnknownPinError`, as does all that follows. */
  async list(pin: string): Promise<Key[]> {
    const seal = await this.seals.of(pin);
    const keys = await this.store.keys(seal.id);
    if (!keys) throw new UnknownPinError();
    return keys.map(({ name, sealed }) => ({ key: name, value: open(seal, name, sealed).value }));
  }

  /**
   * Looks for a key; a missing one is no error, because that is what most polls are told. What others were
   * told within the last second is told again unless a change was heard of since (ADR 11).
   */
  lookUp(pin: string, name: string): Promise<LookUp> {
    return this.recent.get(`${pin} ${name}`, async () =>
      this.lookUpNow(await this.seals.of(pin), name),
    );
  }

  /** The same, as it is now, in the cluster that has this seal. */
  async lookUpNow(seal: ClusterSeal, name: string): Promise<LookUp> {
    const found = await this.store.key(seal.id, name);
    if (!found) throw new UnknownPinError();
    const { sealed, expiresAt } = found;
    if (sealed === undefined) return { seal, key: undefined, expiresAt };
    return { seal, key: { key: name, value: open(seal, name, sealed).value }, expiresAt };
  }

  /**
   * Adds a key for the client at `address`. The first writer wins. The same again from the same client
   * is a retry whose first answer was lost, and succeeds as a replay; anything else is `key-exists`.
   */
  async add(pin: string, key: Key, address: string): Promise<{ replayed: boolean }> {
    assertSuitable(key);
    const seal = await this.seals.of(pin);
    const added = await this.store.add(seal.id, close(seal, key, address));
    switch (added.outcome) {
      case 'added':
        return { replayed: false };
      case 'no-cluster':
        throw new UnknownPinError();
      case 'full':
        throw new PairingError('cluster-full');
      case 'exists': {
        const first = open(seal, key.key, added.sealed);
        if (first.value === key.value && first.address === address) return { replayed: true };
        if (key.key === MASTER_IP) {
          this.audit.write({ event: 'second_master', id: seal.id, address });
          this.metrics.secondMaster();
          await this.store.countSecondMaster(seal.id);
        }
        throw new PairingError('key-exists');
      }
    }
  }

  /**
   * Changes the value or the name of a key, or both, and gives what it is now. Fails with `not-found`,
   * and with `key-exists` when another key has the new name.
   */
  async change(pin: string, name: string, change: Partial<Key>, address: string): Promise<Key> {
    const seal = await this.seals.of(pin);
    for (;;) {
      const found = await this.store.key(seal.id, name);
      if (!found) throw new UnknownPinError();
      const { sealed } = found;
      if (sealed === undefined) throw new PairingError('not-found');
      const key = {
        key: change.key ?? name,
        value: change.value ?? open(seal, name, sealed).value,
      };
      assertSuitable(key);
      switch (await this.store.replace(seal.id, name, sealed, close(seal, key, address))) {
        case 'replaced':
          return key;
        case 'missing':
          throw new PairingError('not-found');
        case 'taken':
          throw new PairingError('key-exists');
        case 'changed': // by somebody else, meanwhile: look again
      }
    }
  }

  /** Removes a key. Fails with `not-found`. */
  async remove(pin: string, name: string): Promise<void> {
    const { id } = await this.seals.of(pin);
    const removed = await this.store.remove(id, name);
    if (removed === undefined) throw new UnknownPinError();
    if (!removed) throw new PairingError('not-found');
  }
}

/** What is sealed of a key: beside the value, the client that wrote it. */
interface Written {
  readonly value: string;
  readonly address: string;
}

function close(seal: ClusterSeal, { key, value }: Key, address: string) {
  const written: Written = { value, address };
  return { name: key, sealed: seal.seal(key, JSON.stringify(written)) };
}

function open(seal: ClusterSeal, name: string, sealed: string): Written {
  return JSON.parse(seal.open(name, sealed)) as Written;
}

function assertSuitable(key: Key): void {
  const problem = problemOfKey(key);
  if (problem) throw new PairingError('invalid-body', { fields: { value: [problem] } });
}
