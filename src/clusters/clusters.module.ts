import { Module } from '@nestjs/common';
import { PinResolver } from './pin.resolver.js';
import { ClustersController } from './clusters.controller.js';
import { ClustersService } from './clusters.service.js';

@Module({
  controllers: [ClustersController],
  providers: [PinResolver, ClustersService],
  exports: [PinResolver, ClustersService],
})
export class ClustersModule {}
