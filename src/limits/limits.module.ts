import { Global, Module } from '@nestjs/common';
import { MissLimits } from './miss-limits.js';

/** Gives everyone the limits that clients share, whatever they ask for. */
@Global()
@Module({ providers: [MissLimits], exports: [MissLimits] })
export class LimitsModule {}
