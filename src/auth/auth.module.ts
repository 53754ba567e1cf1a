import { Module } from '@nestjs/common';
import { BearerStrategy } from './bearer.strategy.js';
import { IdentityProvider } from './identity-provider.js';
import { RefusedSignIns } from './refused-sign-ins.js';
import { Sessions } from './session.js';
import { SignInController } from './sign-in.controller.js';
import { Sso } from './sso.js';
import { SsoGuard } from './sso.guard.js';

@Module({
  controllers: [SignInController],
  providers: [BearerStrategy, IdentityProvider, RefusedSignIns, Sessions, Sso, SsoGuard],
  exports: [IdentityProvider, RefusedSignIns, Sessions, SsoGuard],
})
export class AuthModule {}
