import { Module } from '@nestjs/common';
import { ClustersModule } from '../clusters/clusters.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { KeyCache } from './key-cache.js';
import { KeyController } from './key.controller.js';
import { KeyListController } from './key-list.controller.js';
import { KeyPollService } from './key-poll.service.js';
import { KeyReader } from './key-reader.js';
import { KeysService } from './keys.service.js';
import { MasterChanges } from './master-changes.js';
import { WorkerMarks } from './worker-marks.js';
import { WriteLimit } from './write-limit.js';

@Module({
  imports: [AuthModule, ClustersModule],
  controllers: [KeyListController, KeyController],
  providers: [
    KeysService,
    KeyPollService,
    KeyCache,
    KeyReader,
    MasterChanges,
    WorkerMarks,
    WriteLimit,
  ],
  exports: [KeysService, KeyReader],
})
export class KeysModule {}
