import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Clock } from './clock.js';

/** Provides the clock. Global, because most modules need it, and tests replace it for all of them. */
@Global()
@Module({})
export class ClockModule {
  static with(clock: Clock): DynamicModule {
    return {
      module: ClockModule,
      providers: [{ provide: Clock, useValue: clock }],
      exports: [Clock],
    };
  }
}
