import { createHash, randomBytes } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sealData, unsealData } from 'iron-session';
import { Clock } from '../clock/clock.js';
import { Settings } from '../config/settings.js';
import { PairingError } from '../errors/pairing-error.js';
import { AuditLog } from '../logging/audit-log.js';
import { OidcClient, type SignedIn } from './oidc-client.js';
import { cookieName, openCookie } from './sealed-cookie.js';
import { SessionStore, type StoredSession } from './session.store.js';
import type { User } from './user.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** As at CERN SSO: a session ends after 12 hours, or after 10 hours without use. */
const MAX_MS = 12 * HOUR;
const MAX_IDLE_MS = 10 * HOUR;
/** How often the provider is asked for the roles of a session in use. */
const CHECK_INTERVAL_MS = 5 * MINUTE;
/** How long the last known roles are valid while the provider does not answer. */
const MAX_UNCHECKED_MS = HOUR;
/** The same if the provider gives no refresh token: the life of an access token at CERN. */
const MAX_UNREFRESHABLE_MS = 20 * MINUTE;

/** The part of a session that is encrypted. */
interface SessionData {
  readonly name: string;
  readonly roles: readonly string[];
  /** When the roles were read from the provider, in milliseconds since the epoch. */
  readonly rolesReadAt: number;
  readonly idToken: string;
  readonly refreshToken?: string | undefined;
}

interface Session {
  readonly stored: StoredSession;
  readonly data: SessionData;
}

/**
 * The sessions of browsers. A session is in the store, so that it ends on all replicas at once. The cookie has a random
 * token, and the store a hash of the token.
 */
@Injectable()
export class Sessions {
  private readonly logger = new Logger('Sessions');

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly store: SessionStore,
    private readonly oidc: OidcClient,
    private readonly audit: AuditLog,
  ) {}

  /**
   * The user who has signed in with this browser. Undefined if there is no session, or it has ended. Fails with
   * `storage-unavailable`, and as `OidcClient.refresh` does if the roles could not be checked for too long.
   */
  async read(request: FastifyRequest, reply: FastifyReply): Promise<User | undefined> {
    const session = await this.find(request, reply);
    const checked = session && (await this.check(session, request.clientAddress));
    return checked && { name: checked.name, roles: new Set(checked.roles) };
  }

  /** Begins a session, and ends the previous one of this browser. */
  async begin(request: FastifyRequest, reply: FastifyReply, signedIn: SignedIn): Promise<void> {
    const before = await this.find(request, reply);
    if (before) await this.store.remove(before.stored.id);
    const token = randomBytes(32).toString('base64url');
    const now = this.clock.now();
    const stored = {
      id: hashOf('token', token),
      subject: hashOf('subject', signedIn.subject),
      providerSession:
        signedIn.providerSession === undefined ? null : hashOf('sid', signedIn.providerSession),
      sealed: await this.seal(signedIn, now),
      startedAt: now,
      expiresAt: now + MAX_MS,
      checkedAt: now,
    };
    await this.store.add(stored, now);
    const cookie = await this.cookie(request, reply);
    await Object.assign(cookie, { token }).save();
    this.audit.write({
      event: 'sign_in',
      user: signedIn.user.name,
      address: request.clientAddress,
    });
  }

  /**
   * Ends the session on all replicas.
   * @returns its ID token, for the sign-out at the provider; undefined if there was no session
   */
  async end(request: FastifyRequest, reply: FastifyReply): Promise<string | undefined> {
    const session = await this.find(request, reply);
    (await this.cookie(request, reply)).destroy();
    if (!session || !(await this.store.remove(session.stored.id))) return undefined;
    this.reportEnd(session.data, 'user', request.clientAddress);
    return session.data.idToken;
  }

  /**
   * Ends sessions on a request of the provider: those that belong to one session there, or all of a user, if they began
   * before a time in milliseconds since the epoch.
   */
  async endAll(
    {
      subject,
      providerSession,
    }: { subject: string | undefined; providerSession: string | undefined },
    before: number,
    address: string,
  ): Promise<void> {
    const sessions =
      providerSession === undefined
        ? await this.store.findAll({ subject: hashOf('subject', subject ?? '') })
        : await this.store.findAll({ providerSession: hashOf('sid', providerSession) });
    for (const stored of sessions.filter(({ startedAt }) => startedAt <= before)) {
      if (await this.store.remove(stored.id)) {
        const data = await this.unseal(stored);
        if (data) this.reportEnd(data, 'provider', address);
      }
    }
  }

  private async find(request: FastifyRequest, reply: FastifyReply): Promise<Session | undefined> {
    if (!request.headers.cookie?.includes(cookieName('session', this.settings))) return undefined;
    const { token } = await this.cookie(request, reply);
    const stored = token === undefined ? undefined : await this.store.find(hashOf('token', token));
    const now = this.clock.now();
    if (!stored || now >= stored.expiresAt || now >= stored.checkedAt + MAX_IDLE_MS) {
      return undefined;
    }
    const data = await this.unseal(stored);
    return data && { stored, data };
  }

  /** Checks a session with the provider if that is due. Undefined if it has ended. */
  private async check(
    { stored, data }: Session,
    address: string,
  ): Promise<SessionData | undefined> {
    const now = this.clock.now();
    const { refreshToken, rolesReadAt } = data;
    if (refreshToken === undefined && now >= rolesReadAt + MAX_UNREFRESHABLE_MS) {
      return this.endBy(stored, data, address);
    }
    const isOverdue = now >= rolesReadAt + MAX_UNCHECKED_MS;
    if (now < stored.checkedAt + CHECK_INTERVAL_MS && !isOverdue) return data;

    // Only one replica asks, because some providers accept a refresh token only once.
    const isOurs = await this.store.update(stored, { checkedAt: now });
    if (refreshToken === undefined || (!isOurs && !isOverdue)) return data;
    try {
      const signedIn = await this.oidc.refresh(refreshToken);
      if (hashOf('subject', signedIn.subject) !== stored.subject) {
        return await this.endBy(stored, data, address);
      }
      const sealed = await this.seal(signedIn, now);
      await this.store.update({ ...stored, checkedAt: now }, { sealed });
      return dataOf(signedIn, now);
    } catch (error) {
      if (!(error instanceof PairingError)) throw error;
      if (error.code === 'sign-in-required') return this.endBy(stored, data, address);
      this.logger.warn(`The roles of a session could not be read: ${reasonIn(error)}.`);
      if (isOverdue) throw error;
      return data;
    }
  }

  private async endBy(stored: StoredSession, data: SessionData, address: string) {
    if (await this.store.remove(stored.id)) this.reportEnd(data, 'provider', address);
    return undefined;
  }

  private reportEnd({ name }: SessionData, by: 'user' | 'provider', address: string): void {
    this.audit.write({ event: 'sign_out', user: name, by, address });
  }

  private cookie(request: FastifyRequest, reply: FastifyReply) {
    return openCookie<{ token: string }>(request, reply, this.settings, 'session', MAX_MS);
  }

  private seal(signedIn: SignedIn, now: number): Promise<string> {
    // No TTL here, because the store has the time of expiry.
    return sealData(dataOf(signedIn, now), { password: this.settings.sessionSecret, ttl: 0 });
  }

  /** Undefined if it was sealed with another secret. */
  private async unseal({ sealed }: StoredSession): Promise<SessionData | undefined> {
    const { sessionSecret, previousSessionSecret } = this.settings;
    for (const password of [sessionSecret, previousSessionSecret]) {
      if (password === undefined) continue;
      const data = await unsealData<Partial<SessionData>>(sealed, { password, ttl: 0 });
      if (data.name !== undefined) return data as SessionData;
    }
    return undefined;
  }
}

function dataOf({ user, idToken, refreshToken }: SignedIn, now: number): SessionData {
  return { name: user.name, roles: [...user.roles], rolesReadAt: now, idToken, refreshToken };
}

/** A one-way hash, so that the store has neither tokens nor names. */
function hashOf(kind: 'token' | 'subject' | 'sid', value: string): string {
  return createHash('sha256').update(`${kind}:${value}`).digest('base64url');
}

function reasonIn(error: PairingError): string {
  return (error.cause instanceof Error ? error.cause : error).message;
}
