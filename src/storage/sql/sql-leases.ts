import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Leases } from '../../maintenance/leases.js';
import { RecordDatabase } from './record-database.js';
import { type LeaseRow, leases } from './tables.js';

/** Leases in SQL. A lease is taken by a conditional update, which succeeds on one replica only. */
@Injectable()
export class SqlLeases extends Leases {
  constructor(
    private readonly database: RecordDatabase,
    @InjectRepository(leases) private readonly rows: Repository<LeaseRow>,
  ) {
    super();
  }

  take(name: string, holder: string, now: number, heldUntil: number): Promise<boolean> {
    return this.database.run(async () => {
      const taken = await this.rows
        .createQueryBuilder()
        .update()
        .set({ holder, heldUntil })
        .where('name = :name AND (held_until <= :now OR holder = :holder)', { name, now, holder })
        .execute();
      return taken.affected === 1;
    });
  }

  async succeeded(name: string, succeededAt: number): Promise<void> {
    await this.database.run(() => this.rows.update({ name }, { succeededAt }));
  }

  lastSuccess(name: string): Promise<number | undefined> {
    return this.database.run(
      async () => (await this.rows.findOneBy({ name }))?.succeededAt ?? undefined,
    );
  }
}
