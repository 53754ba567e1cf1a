import { Global, Module } from '@nestjs/common';
import { HeldRequests } from './held-requests.js';
import { Subscriptions } from './subscriptions.js';
import { WaitingService } from './waiting.service.js';

/** Global, because one limit of held requests applies to the whole process. */
@Global()
@Module({
  providers: [HeldRequests, Subscriptions, WaitingService],
  exports: [HeldRequests, Subscriptions, WaitingService],
})
export class WaitingModule {}
