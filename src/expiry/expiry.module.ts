import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { IssuancesModule } from '../issuances/issuances.module.js';
import { ExpirySchedule } from './expiry.schedule.js';
import { ExpiryService } from './expiry.service.js';

@Module({
  imports: [ScheduleModule.forRoot(), IssuancesModule],
  providers: [ExpiryService, ExpirySchedule],
  exports: [ExpiryService, ExpirySchedule],
})
export class ExpiryModule {}
