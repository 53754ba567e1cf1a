import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { decodeProtectedHeader, type JWSHeaderParameters } from 'jose';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { Clock } from '../clock/clock.js';
import { Settings } from '../config/settings.js';
import { PairingError } from '../errors/pairing-error.js';
import { IdentityProvider } from './identity-provider.js';
import { refusalOf } from './token-claims.js';
import { type User, userOf } from './user.js';

export const BEARER = 'bearer';

/**
 * Accepts bearer JWTs of the provider. passport-jwt verifies the signature and the algorithm. The claims are checked
 * here, because the library reads the machine's clock, and its messages do not help the client.
 */
@Injectable()
export class BearerStrategy extends PassportStrategy(Strategy, BEARER) {
  constructor(
    provider: IdentityProvider,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: (
        _request: unknown,
        token: string,
        done: (error: Error | null, key?: string) => void,
      ) => {
        keyOf(token, provider, settings.algorithms).then(
          (key) => done(null, key as unknown as string), // the library takes keys; its types know only PEM, which costs 30 µs more
          (error: Error) => done(error),
        );
      },
      algorithms: settings.algorithms as Algorithm[],
      ignoreExpiration: true,
      jsonWebTokenOptions: { ignoreNotBefore: true },
    });
  }

  /** Fails with `invalid-token` and the reason. */
  validate(claims: Record<string, unknown>): User {
    const { issuer, audience, publicClientId } = this.settings;
    const audiences = publicClientId === undefined ? [audience] : [audience, publicClientId];
    const reason = refusalOf(claims, { issuer, audiences, now: this.clock.now() });
    if (reason !== undefined) throw refused(reason);
    const user = userOf(claims, this.settings);
    if (!user) throw refused('The token names no user.');
    return user;
  }
}

type Algorithm = 'RS256'; // a cast for the library's type: the settings have been checked

/** The key of a token. Fails with `invalid-token`, or as `IdentityProvider.keyFor` does. */
async function keyOf(
  token: string,
  provider: IdentityProvider,
  algorithms: readonly string[],
): Promise<KeyObject> {
  const header = headerOf(token);
  if (!header) throw refused('The bearer token is not a JWT.');
  if (!algorithms.includes(String(header.alg))) {
    throw refused(`The token must be signed with ${algorithms.join(' or ')}.`);
  }
  const key = await provider.keyFor(header);
  if (!key) throw refused('The token is not signed by a key of the issuer.');
  return key;
}

function headerOf(token: string): JWSHeaderParameters | undefined {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return undefined;
  }
}

function refused(detail: string): PairingError {
  return new PairingError('invalid-token', { detail });
}
