import { Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { errors, jwtVerify } from 'jose';
import { Clock } from '../clock/clock.js';
import { Settings } from '../config/settings.js';
import { PairingError } from '../errors/pairing-error.js';
import { ValidBody } from '../http/body.pipe.js';
import { ClientAddress } from '../http/client-address.js';
import { IdentityProvider } from './identity-provider.js';
import { Sessions } from './sessions.js';
import { CLOCK_SKEW_SECONDS } from './token-claims.js';

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/**
 * Receives from the provider that a user has signed out there, or was signed out by an administrator (OpenID Connect
 * Back-Channel Logout 1.0).
 */
@ApiExcludeController()
@Controller('sign-in/back-channel-logout')
export class BackChannelLogoutController {
  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly provider: IdentityProvider,
    private readonly sessions: Sessions,
  ) {}

  /** Fails with `invalid-body`, `sso-unavailable` or `storage-unavailable`; the provider may try again. */
  @Post()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  async logOut(
    @ValidBody() { logout_token: token }: Record<string, unknown>,
    @ClientAddress() address: string,
  ): Promise<void> {
    const { subject, providerSession, issuedAt } = await this.verify(token);
    const before = (issuedAt + CLOCK_SKEW_SECONDS) * 1000;
    await this.sessions.endAll({ subject, providerSession }, before, address);
  }

  /** Verifies a logout token (section 2.6). A token that is sent again ends no session that began after it. */
  private async verify(token: unknown) {
    if (typeof token !== 'string') throw refused('This field is required.');
    const { issuer, clientId, algorithms } = this.settings;
    const keyOf = async (header: Parameters<IdentityProvider['keyFor']>[0]) => {
      const key = await this.provider.keyFor(header);
      if (!key) throw refused('It is not signed by a key of the issuer.');
      return key;
    };
    const { payload } = await jwtVerify(token, keyOf, {
      issuer,
      audience: clientId,
      algorithms: [...algorithms],
      clockTolerance: CLOCK_SKEW_SECONDS,
      currentDate: new Date(this.clock.now()),
      requiredClaims: ['iat', 'jti', 'events'],
    }).catch((error: unknown) => {
      if (error instanceof errors.JOSEError) throw refused(`${error.message}.`);
      throw error;
    });
    const { sub, sid, iat, events, nonce } = payload;
    if (typeof events !== 'object' || events === null || !(LOGOUT_EVENT in events)) {
      throw refused('It tells of no logout.');
    }
    if (nonce !== undefined) throw refused('It must not have a nonce.');
    const providerSession = typeof sid === 'string' ? sid : undefined;
    if (sub === undefined && providerSession === undefined) {
      throw refused('It names neither user nor session.');
    }
    return { subject: sub, providerSession, issuedAt: iat! };
  }
}

function refused(rule: string): PairingError {
  return new PairingError('invalid-body', { fields: { logout_token: [rule] } });
}
