import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { AuditLog } from './audit-log.js';

/** Provides the audit log. Global, because modules of every floor write to it. */
@Global()
@Module({})
export class LoggingModule {
  static with(logger: Logger): DynamicModule {
    return {
      module: LoggingModule,
      providers: [{ provide: AuditLog, useValue: new AuditLog(logger) }],
      exports: [AuditLog],
    };
  }
}
