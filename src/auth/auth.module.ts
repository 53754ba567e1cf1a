import { Module } from '@nestjs/common';
import { BackChannelLogoutController } from './back-channel-logout.controller.js';
import { BearerStrategy } from './bearer.strategy.js';
import { IdentityProvider } from './identity-provider.js';
import { OidcClient } from './oidc-client.js';
import { RefusedSignIns } from './refused-sign-ins.js';
import { Sessions } from './sessions.js';
import { SignInAttempts } from './sign-in-attempts.js';
import { SsoGuard } from './sso.guard.js';

@Module({
  controllers: [BackChannelLogoutController],
  providers: [
    BearerStrategy,
    IdentityProvider,
    OidcClient,
    RefusedSignIns,
    Sessions,
    SignInAttempts,
    SsoGuard,
  ],
  exports: [IdentityProvider, OidcClient, RefusedSignIns, Sessions, SignInAttempts, SsoGuard],
})
export class AuthModule {}
