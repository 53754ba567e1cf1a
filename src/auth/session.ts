import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { getIronSession, type SessionOptions } from 'iron-session';
import { Clock } from '../clock/clock.js';
import { Settings } from '../config/settings.js';
import type { User } from './user.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** As CERN SSO has it: a session ends after 12 hours, or 10 in which nobody used it. */
const MAX_MS = 12 * HOUR;
const MAX_IDLE_MS = 10 * HOUR;

interface SessionData {
  name?: string;
  roles?: string[];
  signedInAt?: number;
  usedAt?: number;
}

/**
 * Who has signed in with this browser. The session is in the cookie itself, encrypted and signed, so
 * replicas share nothing but `SESSION_SECRET`.
 */
@Injectable()
export class Sessions {
  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** Undefined when nobody has signed in, or the session has ended. */
  async read(request: FastifyRequest, reply: FastifyReply): Promise<User | undefined> {
    if (!request.headers.cookie) return undefined;
    const { name, roles, signedInAt = 0, usedAt = 0 } = await this.load(request, reply);
    const now = this.clock.now();
    if (!name || now >= signedInAt + MAX_MS || now >= usedAt + MAX_IDLE_MS) return undefined;
    return { name, roles: new Set(roles) };
  }

  async begin(request: FastifyRequest, reply: FastifyReply, user: User): Promise<void> {
    const session = await this.open(request, reply);
    const { requiredRole, adminRole } = this.settings;
    session.name = user.name;
    // A cookie has little room: only the roles that make a difference here.
    session.roles = [...user.roles].filter((role) => role === requiredRole || role === adminRole);
    session.signedInAt = session.usedAt = this.clock.now();
    await session.save();
  }

  /** Notes that a living session is in use. */
  async touch(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { name, roles, signedInAt } = await this.load(request, reply);
    const session = await this.open(request, reply);
    Object.assign(session, { name, roles, signedInAt, usedAt: this.clock.now() });
    await session.save();
  }

  async end(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    (await this.open(request, reply)).destroy();
  }

  /** What the cookie says, be it from before a change of `SESSION_SECRET`. */
  private async load(request: FastifyRequest, reply: FastifyReply): Promise<SessionData> {
    const session = await this.open(request, reply);
    const { previousSessionSecret } = this.settings;
    if (session.name !== undefined || previousSessionSecret === undefined) return session;
    return this.open(request, reply, previousSessionSecret);
  }

  private open(
    { raw }: FastifyRequest,
    reply: FastifyReply,
    password = this.settings.sessionSecret,
  ) {
    const options = cookieOptions(this.settings, 'session', MAX_MS);
    return getIronSession<SessionData>(raw, reply.raw, { ...options, password });
  }
}

/** A cookie that only this server can read, and that no other site's form or script can send. */
export function cookieOptions(
  { sessionSecret, publicUrl }: Settings,
  name: string,
  ttlMs: number,
): SessionOptions {
  const secure = publicUrl.startsWith('https:');
  return {
    // The prefix holds the cookie to this host and to https (RFC 6265bis, section 4.1.3).
    cookieName: secure ? `__Host-${name}` : name,
    password: sessionSecret,
    ttl: ttlMs / 1000,
    // Lax, because the way back from the sign-in begins at another site.
    cookieOptions: { httpOnly: true, sameSite: 'lax', secure, path: '/' },
  };
}
