import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { AuditLog } from './audit-log.js';

/** Gives everyone the audit log. */
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
