import { KeyObject } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWSHeaderParameters,
  type LocalJWKSet,
} from 'jose';
import { Clock } from '../clock/clock.js';
import { Settings } from '../config/settings.js';
import type { PairingError } from '../errors/pairing-error.js';
import { Metrics } from '../metrics/metrics.js';
import { ProviderMismatch, providerFailure, ProviderStatusError } from './provider-failure.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const TIMEOUT_MS = 5 * SECOND;
/** After this time the description and the keys are fetched again. */
const MAX_AGE_MS = 10 * MINUTE;
/** The minimum time between two fetches, so that tokens with invented key ids cause few fetches. */
const MIN_PAUSE_MS = 30 * SECOND;
/** The same until the first successful fetch. Before it nobody can sign in. */
const MIN_PAUSE_AT_START_MS = 2 * SECOND;

/** What we use of the provider's description (OpenID Connect Discovery 1.0, section 3). */
export interface ProviderMetadata {
  readonly issuer: string;
  readonly jwks_uri: string;
  readonly end_session_endpoint?: string;
  readonly [other: string]: unknown;
}

interface Description {
  readonly metadata: ProviderMetadata;
  readonly keys: LocalJWKSet;
  readonly fetchedAt: number;
}

/**
 * CERN SSO, or the provider that `OIDC_ISSUER` names: its description and all its signing keys. Both stay
 * in use while the provider is away, however old they are.
 */
@Injectable()
export class IdentityProvider implements OnApplicationBootstrap {
  private readonly logger = new Logger('Sso');
  private description: Description | undefined;
  private fetching: Promise<Description> | undefined;
  private triedAt = Number.NEGATIVE_INFINITY;
  private failure: PairingError | undefined;
  private clientFailure: PairingError | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /** Why nobody can sign in, for the operator; undefined if the provider can be used. */
  get problem(): string | undefined {
    const failure = this.failure ?? this.clientFailure;
    return failure && (failure.cause instanceof Error ? failure.cause : failure).message;
  }

  onApplicationBootstrap(): void {
    this.fetchInBackground();
  }

  /** Fetches again when it is due, so that a withdrawn key or an outage is noticed even if nobody signs in. */
  @Interval(MINUTE)
  refreshIfDue(): void {
    const { description } = this;
    const isDue = !description || this.clock.now() >= description.fetchedAt + MAX_AGE_MS;
    if ((isDue || this.failure) && this.mayFetch()) this.fetchInBackground();
  }

  /** The provider's description. Fails with `sso-unavailable` or `sso-misconfigured`. */
  async metadata(): Promise<ProviderMetadata> {
    return (await this.described()).metadata;
  }

  /**
   * The key that verifies a token with this header; undefined if the provider has none. Fails with
   * `sso-unavailable` or `sso-misconfigured` if the keys are not known, or may have changed.
   * @param isTrusted the token comes from the provider itself, so an unknown key always causes a fetch
   */
  async keyFor(header: JWSHeaderParameters, isTrusted = false): Promise<KeyObject | undefined> {
    const key = await find(await this.described(), header);
    if (key) return key;
    if (this.fetching || isTrusted || this.mayFetch()) return find(await this.fetch(), header);
    if (this.failure) throw this.failure;
    return undefined;
  }

  /**
   * Fails with `sso-unavailable` or `sso-misconfigured` if the provider does not answer now. To be called before a
   * browser is sent there. Anonymous requests cause at most one fetch in 2 seconds.
   */
  async assertReachable({ isAnonymous }: { isAnonymous: boolean }): Promise<void> {
    const isRecent = this.clock.now() < this.triedAt + MIN_PAUSE_AT_START_MS;
    if (this.fetching || !isAnonymous || !isRecent) await this.fetch();
    else if (this.failure) throw this.failure;
  }

  /** Records whether the provider accepts our client id and secret. Only a sign-in shows that. */
  setClientFailure(failure: PairingError | undefined): void {
    this.report(() => (this.clientFailure = failure));
  }

  private async described(): Promise<Description> {
    const { description } = this;
    if (!description) {
      if (!this.fetching && this.failure && !this.mayFetch()) throw this.failure;
      return this.fetch();
    }
    this.refreshIfDue();
    return description;
  }

  private mayFetch(): boolean {
    const pause = this.description ? MIN_PAUSE_MS : MIN_PAUSE_AT_START_MS;
    return this.fetching === undefined && this.clock.now() >= this.triedAt + pause;
  }

  private fetchInBackground(): void {
    this.fetch().catch(() => {}); // the failure is logged where it happens, and kept
  }

  /** Fetches the description. Concurrent calls share one fetch. */
  private fetch(): Promise<Description> {
    this.fetching ??= this.fetchDescription().finally(() => {
      this.fetching = undefined;
    });
    return this.fetching;
  }

  private async fetchDescription(): Promise<Description> {
    const { issuer } = this.settings;
    this.triedAt = this.clock.now();
    try {
      const metadata = await fetchJson<ProviderMetadata>(
        `${issuer}/.well-known/openid-configuration`,
      );
      if (metadata.issuer !== issuer) {
        throw new ProviderMismatch(
          `the provider at OIDC_ISSUER calls itself ${JSON.stringify(metadata.issuer)}: set OIDC_ISSUER to that`,
        );
      }
      if (typeof metadata.jwks_uri !== 'string' || !isAsSafeAs(issuer, metadata.jwks_uri)) {
        throw new ProviderMismatch('the provider publishes no jwks_uri, or one without https');
      }
      const keys = keySet(await fetchJson<JSONWebKeySet>(metadata.jwks_uri));
      this.description = { metadata, keys, fetchedAt: this.clock.now() };
      this.report(() => (this.failure = undefined));
      return this.description;
    } catch (error) {
      const failure = providerFailure(error, 'sso-unavailable');
      this.report(() => (this.failure = failure));
      throw failure;
    }
  }

  /** Changes the state, and logs if `problem` has changed. */
  private report(change: () => void): void {
    const before = this.problem;
    change();
    const { problem } = this;
    this.metrics.setSsoUp(problem === undefined);
    if (problem !== undefined && problem !== before) {
      this.logger.warn(`CERN SSO cannot be used, so people cannot sign in: ${problem}.`);
    } else if (problem === undefined && before !== undefined) {
      this.logger.log('CERN SSO can be used again.');
    }
  }
}

/** Whether keys at this URL are as secure as the issuer: by http only if the issuer uses http. */
function isAsSafeAs(issuer: string, url: string): boolean {
  return url.startsWith('https:') || issuer.startsWith('http:');
}

function keySet(jwks: JSONWebKeySet): LocalJWKSet {
  try {
    return createLocalJWKSet(jwks);
  } catch (cause) {
    throw new ProviderMismatch('the provider published no usable key set', { cause });
  }
}

async function find(
  { keys }: Description,
  header: JWSHeaderParameters,
): Promise<KeyObject | undefined> {
  try {
    return KeyObject.from(await keys(header));
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

async function fetchJson<T>(url: string): Promise<T> {
  const response = await fetch(url, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: { accept: 'application/json' },
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new ProviderStatusError(url, response.status);
  }
  try {
    return (await response.json()) as T;
  } catch (cause) {
    throw new ProviderMismatch(`${url} answered no JSON`, { cause });
  }
}
