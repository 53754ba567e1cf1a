import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { getIronSession } from 'iron-session';
import type { Configuration } from 'openid-client';
import { Settings } from '../config/settings.js';
import { PairingError } from '../errors/pairing-error.js';
import { cookieOptions } from './session.js';
import { type User, userOf } from './user.js';

export const CALLBACK_PATH = '/sign-in/callback';
const TIMEOUT_SECONDS = 5;
/** As long as CERN SSO gives a person to sign in. */
const SIGN_IN_MS = 30 * 60_000;

/** What must come back with the answer of CERN SSO. */
interface Attempt {
  state?: string;
  nonce?: string;
  verifier?: string;
}

/** Signs people in and out at CERN SSO: authorization code with PKCE, done by the server (RFC 9700). */
@Injectable()
export class Sso {
  private discovered: Promise<Configuration> | undefined;

  constructor(private readonly settings: Settings) {}

  /** Where to send the browser to sign in. Fails with `sso-unavailable`. */
  async begin(request: FastifyRequest, reply: FastifyReply): Promise<URL> {
    const [client, configuration] = await Promise.all([openidClient(), this.configuration()]);
    const attempt = await this.attempt(request, reply);
    attempt.state = client.randomState();
    attempt.nonce = client.randomNonce();
    attempt.verifier = client.randomPKCECodeVerifier();
    await attempt.save();
    return client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.settings.publicUrl + CALLBACK_PATH,
      scope: 'openid profile email',
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: 'S256',
    });
  }

  /** Who has come back from there. Fails with `sign-in-failed` or `sso-unavailable`. */
  async finish(request: FastifyRequest, reply: FastifyReply): Promise<User> {
    const [client, configuration] = await Promise.all([openidClient(), this.configuration()]);
    const attempt = await this.attempt(request, reply);
    const { state, nonce, verifier } = attempt;
    attempt.destroy(); // good for one answer
    if (!state || !nonce || !verifier) throw new PairingError('sign-in-failed');
    const answer = new URL(request.url, this.settings.publicUrl);
    const callback = new URL(this.settings.publicUrl + CALLBACK_PATH);
    callback.search = answer.search;
    const tokens = await client
      .authorizationCodeGrant(configuration, callback, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      })
      .catch((cause: unknown) => {
        throw new PairingError('sign-in-failed', { cause });
      });
    const user = userOf({ ...tokens.claims() }, this.settings);
    if (!user) throw new PairingError('sign-in-failed');
    return user;
  }

  /**
   * Where to send the browser to sign out, which leads back to the page; the page itself when CERN SSO
   * has no such place or does not answer.
   */
  async signOutUrl(): Promise<string> {
    const home = `${this.settings.publicUrl}/`;
    try {
      const [client, configuration] = await Promise.all([openidClient(), this.configuration()]);
      return client.buildEndSessionUrl(configuration, {
        post_logout_redirect_uri: this.settings.publicUrl + CALLBACK_PATH,
      }).href;
    } catch {
      return home;
    }
  }

  private attempt({ raw }: FastifyRequest, reply: FastifyReply) {
    return getIronSession<Attempt>(
      raw,
      reply.raw,
      cookieOptions(this.settings, 'sign-in', SIGN_IN_MS),
    );
  }

  /** What the issuer says of itself; asked for again after a failure. */
  private configuration(): Promise<Configuration> {
    this.discovered ??= this.discover().catch((cause: unknown) => {
      this.discovered = undefined;
      throw new PairingError('sso-unavailable', { cause });
    });
    return this.discovered;
  }

  private async discover(): Promise<Configuration> {
    const client = await openidClient();
    const { issuer, clientId, clientSecret } = this.settings;
    return client.discovery(new URL(issuer), clientId, {}, client.ClientSecretBasic(clientSecret), {
      timeout: TIMEOUT_SECONDS,
      execute: [
        client.enableNonRepudiationChecks,
        // The one of development; production insists on https.
        ...(issuer.startsWith('http:') ? [client.allowInsecureRequests] : []),
      ],
    });
  }
}

/** Loaded when somebody signs in: machines need none of it. */
function openidClient() {
  return import('openid-client');
}
