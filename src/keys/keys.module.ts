import { Module } from '@nestjs/common';
import { ClustersModule } from '../clusters/clusters.module.js';
import { KeyCache } from './key-cache.js';
import { KeyController } from './key.controller.js';
import { KeyListController } from './key-list.controller.js';
import { KeyPollService } from './key-poll.service.js';
import { KeyReader } from './key-reader.js';
import { KeysService } from './keys.service.js';
import { WorkerMarks } from './worker-marks.js';
import { WriteLimit } from './write-limit.js';

@Module({
  imports: [ClustersModule],
  controllers: [KeyListController, KeyController],
  providers: [KeysService, KeyPollService, KeyCache, KeyReader, WorkerMarks, WriteLimit],
  exports: [KeysService, KeyReader],
})
export class KeysModule {}
