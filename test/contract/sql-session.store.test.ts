import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SessionStore, StoredSession } from '../../src/auth/session.store.js';
import { CleanUp } from '../support/clean-up.js';
import { HOUR } from '../support/clock.js';
import { PostgresServer } from '../support/postgres.js';
import { openRecord } from '../support/record.js';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');

/** A session that began at `NOW`, with these differences. */
function sessionOf(change: Partial<StoredSession> = {}): StoredSession {
  return {
    id: crypto.randomUUID(),
    subject: 'a subject',
    providerSession: 'a session at the provider',
    sealed: 'sealed',
    startedAt: NOW,
    expiresAt: NOW + 12 * HOUR,
    checkedAt: NOW,
    ...change,
  };
}

describe.each(['SQLite', 'PostgreSQL'])('The sessions in %s', (name) => {
  const cleanUp = new CleanUp();
  let store: SessionStore;

  beforeAll(async () => {
    if (name === 'SQLite') {
      const dataDir = await mkdtemp(join(tmpdir(), 'pairing-'));
      cleanUp.add({ close: () => rm(dataDir, { recursive: true }) });
      const opened = cleanUp.add(await openRecord({ DATA_DIR: dataDir }));
      store = opened.sessions;
    } else {
      const server = cleanUp.add(await PostgresServer.start());
      store = cleanUp.add(await openRecord({ DATABASE_URL: server.url })).sessions;
    }
  }, 60_000);
  afterAll(() => cleanUp.run());

  const added = async (change: Partial<StoredSession> = {}) => {
    const session = sessionOf(change);
    await store.add(session, NOW);
    return session;
  };

  it('are found as they were added, until they are removed', async () => {
    const session = await added({ providerSession: null });
    expect(await store.find(session.id)).toEqual(session);
    expect(await store.remove(session.id)).toBe(true);
    expect(await store.find(session.id)).toBeUndefined();
    expect(await store.remove(session.id)).toBe(false);
  });

  it('are found by their user, and by their session at the provider', async () => {
    const subject = crypto.randomUUID();
    const both = [await added({ subject, providerSession: 'one' }), await added({ subject })];
    await added();
    const idsOf = (sessions: StoredSession[]) => sessions.map(({ id }) => id).toSorted();
    expect(idsOf(await store.findAll({ subject }))).toEqual(idsOf(both));
    expect(idsOf(await store.findAll({ providerSession: 'one' }))).toEqual([both[0]!.id]);
    expect(await store.findAll({ providerSession: 'none' })).toEqual([]);
  });

  it('are changed by the first of several replicas only', async () => {
    const read = await added();
    const changes = [1, 2, 3, 4].map((ms) => store.update(read, { checkedAt: NOW + ms }));
    expect((await Promise.all(changes)).filter(Boolean)).toHaveLength(1);
    const now = (await store.find(read.id))!;
    expect(await store.update(now, { sealed: 'anew' })).toBe(true);
    expect(await store.find(read.id)).toEqual({ ...now, sealed: 'anew' });
  });

  it('are not brought back by a change after their end', async () => {
    const read = await added();
    await store.remove(read.id);
    expect(await store.update(read, { sealed: 'anew' })).toBe(false);
    expect(await store.find(read.id)).toBeUndefined();
  });

  it('are removed once they have expired, when another is added', async () => {
    const old = await added();
    await store.add(sessionOf(), old.expiresAt - 1);
    expect(await store.find(old.id)).toBeDefined();
    await store.add(sessionOf({ expiresAt: old.expiresAt * 2 }), old.expiresAt);
    expect(await store.find(old.id)).toBeUndefined();
  });
});
