import { Module } from '@nestjs/common';
import { BearerStrategy } from './bearer.strategy.js';
import { Sessions } from './session.js';
import { SignInController } from './sign-in.controller.js';
import { Sso } from './sso.js';
import { SsoGuard } from './sso.guard.js';

@Module({
  controllers: [SignInController],
  providers: [BearerStrategy, Sessions, Sso, SsoGuard],
  exports: [Sessions, SsoGuard],
})
export class AuthModule {}
