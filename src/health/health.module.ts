import { Module } from '@nestjs/common';
import { ExpiryModule } from '../expiry/expiry.module.js';
import { HealthController } from './health.controller.js';

@Module({ imports: [ExpiryModule], controllers: [HealthController] })
export class HealthModule {}
