import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ExpiryModule } from '../expiry/expiry.module.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';

@Module({
  imports: [AuthModule, ExpiryModule],
  controllers: [HealthController],
  providers: [HealthService],
})
export class HealthModule {}
