import type { FastifyReply, FastifyRequest } from 'fastify';
import { getIronSession, type IronSession, type SessionOptions } from 'iron-session';
import type { Settings } from '../config/settings.js';

type CookieSettings = Pick<Settings, 'sessionSecret' | 'previousSessionSecret' | 'publicUrl'>;

/** The name of one of our cookies in the browser. */
export function cookieName(name: string, { publicUrl }: Pick<Settings, 'publicUrl'>): string {
  // The prefix binds the cookie to this host and to https (RFC 6265bis, section 4.1.3).
  return publicUrl.startsWith('https:') ? `__Host-${name}` : name;
}

/**
 * Reads a cookie that is encrypted by this server, and that forms and scripts of other sites cannot send. The result is
 * empty if the cookie is missing, was changed or is older than `ttlMs`.
 */
export async function openCookie<T extends object>(
  { raw }: FastifyRequest,
  reply: FastifyReply,
  settings: CookieSettings,
  name: string,
  ttlMs: number,
): Promise<IronSession<T>> {
  const { sessionSecret, previousSessionSecret } = settings;
  const open = (password: string) =>
    getIronSession<T>(raw, reply.raw, cookieOptions(settings, name, ttlMs, password));
  const cookie = await open(sessionSecret);
  if (Object.keys(cookie).length > 0 || previousSessionSecret === undefined) return cookie;
  const before = await open(previousSessionSecret);
  Object.assign(cookie, before);
  return cookie;
}

function cookieOptions(
  settings: CookieSettings,
  name: string,
  ttlMs: number,
  password: string,
): SessionOptions {
  const secure = settings.publicUrl.startsWith('https:');
  return {
    cookieName: cookieName(name, settings),
    password,
    ttl: ttlMs / 1000,
    // Lax, because the redirect back from the sign-in comes from another site.
    cookieOptions: { httpOnly: true, sameSite: 'lax', secure, path: '/' },
  };
}
