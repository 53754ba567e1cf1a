import { Global, Module } from '@nestjs/common';
import { HeldRequests } from './held-requests.js';

/** Gives whoever holds requests the one place where they are counted and released. */
@Global()
@Module({ providers: [HeldRequests], exports: [HeldRequests] })
export class HeldModule {}
