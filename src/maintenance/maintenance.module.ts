import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { IssuancesModule } from '../issuances/issuances.module.js';
import { MaintenanceSchedule } from './maintenance.schedule.js';
import { MaintenanceService } from './maintenance.service.js';

@Module({
  imports: [ScheduleModule.forRoot(), IssuancesModule],
  providers: [MaintenanceService, MaintenanceSchedule],
  exports: [MaintenanceService, MaintenanceSchedule],
})
export class MaintenanceModule {}
