import { Module } from '@nestjs/common';
import { ExpiryModule } from '../expiry/expiry.module.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';

@Module({ imports: [ExpiryModule], controllers: [HealthController], providers: [HealthService] })
export class HealthModule {}
