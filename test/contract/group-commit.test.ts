import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, describe, it } from '@jest/globals';
import Database from 'libsql';
import type { DataSource } from 'typeorm';
import { GroupCommit } from '../../src/storage/sql/group-commit.js';
import { openSqlite } from '../../src/storage/sql/sqlite.js';
import { issuanceOf } from '../support/issuances.js';
import { openRecord } from '../support/record.js';

const INSERT = 'INSERT INTO notes (id, text) VALUES (?, ?) RETURNING id';
const COUNT = 100;

describe('Changes of the embedded database that come together', () => {
  let dataDir: string;
  let database: DataSource;
  let changes: GroupCommit;
  /** Sees only what has been committed. */
  let other: Database.Database;
  let nextId = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'pairing-'));
    database = await openSqlite(dataDir);
    await database.query('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)');
    changes = GroupCommit.of(database);
    other = new Database(join(dataDir, 'pairing.sqlite'));
  });
  afterAll(async () => {
    other.close();
    await database.destroy();
    await rm(dataDir, { recursive: true });
  });

  const add = (text: string | null = 'x', id = nextId++) => changes.run(INSERT, [id, text]);
  const addMany = (text?: string) => Promise.all(Array.from({ length: COUNT }, () => add(text)));
  const isCommitted = (id: number) =>
    other.prepare('SELECT id FROM notes WHERE id = ?').all(id).length === 1;
  const bytesOf = async (act: () => Promise<unknown>) => {
    const size = () => statSync(join(dataDir, 'pairing.sqlite-wal')).size;
    await database.query('PRAGMA wal_checkpoint(TRUNCATE)');
    await act();
    return size();
  };

  it('are each acknowledged when they are on the disk, with the rows that they return', async () => {
    const first = nextId;
    const added = await Promise.all(
      Array.from({ length: COUNT }, async () => {
        const id = nextId;
        const rows = await add();
        return { rows, id, committed: isCommitted(id) };
      }),
    );
    expect(added).toEqual(
      Array.from({ length: COUNT }, (_, n) => ({
        rows: [{ id: first + n }],
        id: first + n,
        committed: true,
      })),
    );
  });

  it('are written at once, and not one after another', async () => {
    const together = await bytesOf(addMany);
    const inTurn = await bytesOf(async () => {
      for (let n = 0; n < COUNT; n++) await add();
    });
    expect(together).toBeLessThan(inTurn / 10);
  });

  it('are written at once also when they are issuances', async () => {
    const record = await openRecord({ DATA_DIR: dataDir });
    const issue = async () =>
      expect(await record.issuances.add(issuanceOf(), 10_000)).toBeDefined();
    const together = await bytesOf(() => Promise.all(Array.from({ length: COUNT }, issue)));
    const inTurn = await bytesOf(async () => {
      for (let n = 0; n < COUNT; n++) await issue();
    });
    expect(together).toBeLessThan(inTurn / 5);
    await record.close();
  });

  it('fail alone', async () => {
    const ids = [nextId++, nextId++, nextId++] as const;
    const outcomes = await Promise.allSettled([
      add('x', ids[0]),
      add(null, ids[1]),
      add('x', ids[2]),
      changes.run('UPDATE notes SET absent = 1', []),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
    ]);
    expect(ids.map(isCommitted)).toEqual([true, false, true]);
  });

  it('fail together when the disk is full, and nothing of them is kept', async () => {
    const first = nextId;
    const [{ page_count: pages }] =
      await database.query<[{ page_count: number }]>('PRAGMA page_count');
    await database.query(`PRAGMA max_page_count = ${pages + 1}`);
    const outcomes = await Promise.allSettled(
      Array.from({ length: COUNT }, () => add('x'.repeat(5_000))),
    );
    const failed = outcomes.filter(({ status }) => status === 'rejected').length;
    for (const [n, { status }] of outcomes.entries()) {
      expect(isCommitted(first + n)).toBe(status === 'fulfilled');
    }
    expect(failed).toBeGreaterThan(0);
    await database.query('PRAGMA max_page_count = 1000000');
    const id = nextId;
    await add();
    expect(isCommitted(id)).toBe(true);
  });

  it('do not wait for others', async () => {
    const id = nextId;
    await add();
    expect(isCommitted(id)).toBe(true);
  });

  it('fail when the database is locked by another process, and succeed later', async () => {
    await database.query('PRAGMA busy_timeout = 0');
    other.exec('BEGIN IMMEDIATE');
    await expect(addMany()).rejects.toThrow(/locked|busy/);
    other.exec('ROLLBACK');
    await addMany();
  });
});
