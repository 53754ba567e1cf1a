import { Module } from '@nestjs/common';
import { ClustersModule } from '../clusters/clusters.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { EventStreams } from './event-streams.js';
import { EventsController } from './events.controller.js';

@Module({
  imports: [ClustersModule, KeysModule],
  controllers: [EventsController],
  providers: [EventStreams],
})
export class EventsModule {}
