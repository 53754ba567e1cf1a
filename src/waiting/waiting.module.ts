import { Module } from '@nestjs/common';
import { HeldRequests } from './held-requests.js';
import { Subscriptions } from './subscriptions.js';
import { WaitingService } from './waiting.service.js';

@Module({
  providers: [HeldRequests, Subscriptions, WaitingService],
  exports: [HeldRequests, Subscriptions, WaitingService],
})
export class WaitingModule {}
