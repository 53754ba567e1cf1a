import { Leases } from '../../maintenance/leases.js';
import type { RecordDatabase } from './record-database.js';
import { leases } from './tables.js';

/** Leases in SQL. A lease is taken by a conditional update, which succeeds on one replica only. */
export class SqlLeases extends Leases {
  constructor(private readonly database: RecordDatabase) {
    super();
  }

  take(name: string, holder: string, now: number, heldUntil: number): Promise<boolean> {
    return this.database.run(async (entities) => {
      const taken = await entities
        .createQueryBuilder()
        .update(leases)
        .set({ holder, heldUntil })
        .where('name = :name AND (held_until <= :now OR holder = :holder)', { name, now, holder })
        .execute();
      return taken.affected === 1;
    });
  }

  async succeeded(name: string, succeededAt: number): Promise<void> {
    await this.database.run((entities) => entities.update(leases, { name }, { succeededAt }));
  }

  lastSuccess(name: string): Promise<number | undefined> {
    return this.database.run(
      async (entities) => (await entities.findOneBy(leases, { name }))?.succeededAt ?? undefined,
    );
  }
}
