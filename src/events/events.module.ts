import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ClustersModule } from '../clusters/clusters.module.js';
import { IssuancesModule } from '../issuances/issuances.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { WaitingModule } from '../waiting/waiting.module.js';
import { EventStreams } from './event-streams.js';
import { EventsController } from './events.controller.js';
import { IssuanceEventsController } from './issuance-events.controller.js';
import { IssuanceFeeds } from './issuance-feeds.js';

@Module({
  imports: [AuthModule, ClustersModule, IssuancesModule, KeysModule, WaitingModule],
  controllers: [EventsController, IssuanceEventsController],
  providers: [EventStreams, IssuanceFeeds],
})
export class EventsModule {}
