import { Module } from '@nestjs/common';
import { ClustersModule } from '../clusters/clusters.module.js';
import { provideWriteLimit } from '../clusters/write-limit.js';
import { AuthModule } from '../auth/auth.module.js';
import { CachedPolls } from './cached-polls.js';
import { WaitingModule } from '../waiting/waiting.module.js';
import { KeyCache } from './key-cache.js';
import { KeyController } from './key.controller.js';
import { KeyListController } from './key-list.controller.js';
import { KeyPollService } from './key-poll.service.js';
import { KeyReader } from './key-reader.js';
import { KeysService } from './keys.service.js';
import { MasterChanges } from './master-changes.js';
import { WorkerMarks } from './worker-marks.js';

/**
 * A cluster has at most 64 keys: one burst can write all of them, with room for retries, and then ten writes a
 * second. A refused client may retry before the 25 s that a field image pauses.
 */
const WRITES = { points: 100, duration: 10 };

@Module({
  imports: [AuthModule, ClustersModule, WaitingModule],
  controllers: [KeyListController, KeyController],
  providers: [
    KeysService,
    KeyPollService,
    CachedPolls,
    KeyCache,
    KeyReader,
    MasterChanges,
    WorkerMarks,
    provideWriteLimit(WRITES),
  ],
  exports: [KeysService, KeyReader],
})
export class KeysModule {}
