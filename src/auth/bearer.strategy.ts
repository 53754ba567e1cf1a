import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { Settings } from '../config/settings.js';
import { issuerKeys } from './issuer-keys.js';
import { type User, userOf } from './user.js';

export const BEARER = 'bearer';

/** Bearer JWTs of CERN SSO: RS256 and nothing else, from our issuer, for us, not expired. */
@Injectable()
export class BearerStrategy extends PassportStrategy(Strategy, BEARER) {
  constructor(private readonly settings: Settings) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: issuerKeys(settings.issuer),
      algorithms: ['RS256'],
      issuer: settings.issuer,
      audience: settings.audience,
    });
  }

  /** False refuses the token. One that never expires is refused: the library would take it. */
  validate(claims: Record<string, unknown>): User | false {
    if (typeof claims['exp'] !== 'number') return false;
    return userOf(claims, this.settings.clientId) ?? false;
  }
}
