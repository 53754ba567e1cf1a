import { Module } from '@nestjs/common';
import { ClustersModule } from '../clusters/clusters.module.js';
import { FetchCounts } from './fetch-counts.js';
import { KeyController } from './key.controller.js';
import { KeyWaits } from './key-waits.js';
import { KeysController } from './keys.controller.js';
import { KeysService } from './keys.service.js';

@Module({
  imports: [ClustersModule],
  controllers: [KeysController, KeyController],
  providers: [KeysService, KeyWaits, FetchCounts],
  exports: [KeysService],
})
export class KeysModule {}
