import { Module } from '@nestjs/common';
import { BearerStrategy } from './bearer.strategy.js';
import { SsoGuard } from './sso.guard.js';

@Module({ providers: [BearerStrategy, SsoGuard], exports: [SsoGuard] })
export class AuthModule {}
