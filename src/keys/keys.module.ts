import { Module } from '@nestjs/common';
import { ClustersModule } from '../clusters/clusters.module.js';
import { KeyController } from './key.controller.js';
import { KeysController } from './keys.controller.js';
import { KeysService } from './keys.service.js';

@Module({
  imports: [ClustersModule],
  controllers: [KeysController, KeyController],
  providers: [KeysService],
})
export class KeysModule {}
