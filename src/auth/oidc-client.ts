import { Injectable } from '@nestjs/common';
import { compactVerify, decodeProtectedHeader } from 'jose';
import type {
  Configuration,
  TokenEndpointResponse,
  TokenEndpointResponseHelpers,
} from 'openid-client';
import { Settings } from '../config/settings.js';
import { type ErrorCode, PairingError } from '../errors/pairing-error.js';
import { IdentityProvider } from './identity-provider.js';
import { providerFailure } from './provider-failure.js';
import { CLOCK_SKEW_SECONDS } from './token-claims.js';
import { type User, userOf } from './user.js';

/** The path to which the provider sends browsers back, after a sign-in and after a sign-out. */
export const CALLBACK_PATH = '/sign-in/callback';
const SCOPE = 'openid profile email';
const TIMEOUT_SECONDS = 5;
/** Keycloak and proxies refuse request lines above 4 KiB. */
const MAX_URL_LENGTH = 4_000;

/** Values to check the provider's answer with (OpenID Connect Core 1.0, RFC 7636). */
export interface SignInAttempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** What the provider says about a signed-in user. */
export interface SignedIn {
  readonly user: User;
  /** The provider's name for the user. */
  readonly subject: string;
  /** The provider's name for its own session (claim `sid`); undefined if it gives none. */
  readonly providerSession: string | undefined;
  readonly idToken: string;
  readonly refreshToken: string | undefined;
}

type Tokens = TokenEndpointResponse & TokenEndpointResponseHelpers;

/** Signs users in and out at the provider, by authorization code with PKCE on the server (RFC 9700). */
@Injectable()
export class OidcClient {
  constructor(
    private readonly settings: Settings,
    private readonly provider: IdentityProvider,
  ) {}

  /** The URL at which the browser signs in. Fails with `sso-unavailable` or `sso-misconfigured`. */
  async begin(): Promise<{ attempt: SignInAttempt; url: URL }> {
    await this.provider.assertReachable({ isAnonymous: true });
    const [client, configuration] = await Promise.all([openidClient(), this.configuration()]);
    const attempt = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.settings.publicUrl + CALLBACK_PATH,
      scope: SCOPE,
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: 'S256',
    });
    return { attempt, url };
  }

  /**
   * Completes a sign-in with the query of the callback. Fails with `sign-in-failed`, `sign-in-denied`, `sso-unavailable`
   * or `sso-misconfigured`.
   */
  finish(search: string, { state, nonce, verifier }: SignInAttempt): Promise<SignedIn> {
    const callback = new URL(this.settings.publicUrl + CALLBACK_PATH);
    callback.search = search;
    return this.ask('sign-in-failed', async (client, configuration) =>
      this.signedIn(
        await client.authorizationCodeGrant(configuration, callback, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        }),
      ),
    );
  }

  /**
   * Reads the user again from the provider. Fails with `sign-in-required` if the account is disabled or signed out
   * there, otherwise as `finish`.
   */
  refresh(refreshToken: string): Promise<SignedIn> {
    return this.ask('sign-in-failed', async (client, configuration) => {
      const tokens = await client
        .refreshTokenGrant(configuration, refreshToken, { scope: SCOPE })
        .catch((error: unknown) => {
          if ((error as { error?: unknown }).error !== 'invalid_grant') throw error;
          throw new PairingError('sign-in-required', { cause: error });
        });
      return this.signedIn(tokens, refreshToken);
    });
  }

  /**
   * The URL at which the browser signs out at the provider. It leads back to the callback, the only registered URL. If
   * the provider has no such URL or does not answer, it is the URL of the page.
   * @param idToken tells the provider which session to end, so that it does not ask the user
   */
  async signOutUrl(idToken: string | undefined): Promise<string> {
    const home = `${this.settings.publicUrl}/`;
    try {
      await this.provider.assertReachable({ isAnonymous: idToken === undefined });
      const [client, configuration] = await Promise.all([openidClient(), this.configuration()]);
      if (!configuration.serverMetadata().end_session_endpoint) return home;
      const urlWith = (parameters: Record<string, string>) =>
        client.buildEndSessionUrl(configuration, {
          post_logout_redirect_uri: this.settings.publicUrl + CALLBACK_PATH,
          ...parameters,
        }).href;
      const url = urlWith(idToken === undefined ? {} : { id_token_hint: idToken });
      return url.length <= MAX_URL_LENGTH ? url : urlWith({});
    } catch {
      return home;
    }
  }

  private async ask<T>(
    defaultCode: ErrorCode,
    request: (
      client: Awaited<ReturnType<typeof openidClient>>,
      configuration: Configuration,
    ) => Promise<T>,
  ): Promise<T> {
    const [client, configuration] = await Promise.all([openidClient(), this.configuration()]);
    try {
      const answer = await request(client, configuration);
      this.provider.setClientFailure(undefined);
      return answer;
    } catch (error) {
      const failure = providerFailure(error, defaultCode);
      // The query of the callback proves nothing, because anyone can forge it.
      const isFromProvider = !(error instanceof client.AuthorizationResponseError);
      if (failure.code === 'sso-misconfigured' && isFromProvider) {
        this.provider.setClientFailure(failure);
      }
      throw failure;
    }
  }

  /** @param refreshTokenBefore the one that was used; a provider may send no new one */
  private async signedIn(tokens: Tokens, refreshTokenBefore?: string): Promise<SignedIn> {
    const { id_token: idToken, refresh_token: refreshToken = refreshTokenBefore } = tokens;
    if (idToken === undefined) throw new Error('the provider gave no ID token');
    await this.assertSigned(idToken);
    const claims: Record<string, unknown> = { ...tokens.claims() };
    const user = userOf(claims, this.settings);
    if (!user) throw new Error('the ID token names no user');
    const { sid } = claims;
    return {
      user,
      subject: String(claims['sub']),
      providerSession: typeof sid === 'string' ? sid : undefined,
      idToken,
      refreshToken,
    };
  }

  /** Verifies the signature with our own copy of the keys, so that a rotation is noticed. The library has checked the claims. */
  private async assertSigned(idToken: string): Promise<void> {
    const key = await this.provider.keyFor(decodeProtectedHeader(idToken), true);
    if (!key) throw new Error('the ID token is not signed by a key of the provider');
    await compactVerify(idToken, key, { algorithms: [...this.settings.algorithms] });
  }

  private async configuration(): Promise<Configuration> {
    const [client, metadata] = await Promise.all([openidClient(), this.provider.metadata()]);
    const { clientId, clientSecret, issuer, algorithms } = this.settings;
    const configuration = new client.Configuration(
      { ...metadata, id_token_signing_alg_values_supported: [...algorithms] },
      clientId,
      { [client.clockTolerance]: CLOCK_SKEW_SECONDS },
      client.ClientSecretBasic(clientSecret),
    );
    configuration.timeout = TIMEOUT_SECONDS;
    // Only in development: production requires https.
    if (issuer.startsWith('http:')) client.allowInsecureRequests(configuration);
    return configuration;
  }
}

/** Loads the library at the first sign-in, because machines do not need it. */
function openidClient() {
  return import('openid-client');
}
