import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Clock } from '../clock/clock.js';
import { Settings } from '../config/settings.js';
import type { SignInAttempt } from './oidc-client.js';
import { cookieName, openCookie } from './sealed-cookie.js';

/** The time in which CERN SSO lets a user sign in. */
const TTL_MS = 30 * 60_000;
/** A sign-in attempt of a browser. */
interface StoredAttempt extends SignInAttempt {
  /** The path of the page to show after the sign-in. */
  readonly returnTo: string;
}

/** In how many tabs a user can be signing in at a time. More cookies would make the header too long. */
const MAX_ATTEMPTS = 6;

/**
 * Stores sign-in attempts until the provider answers. Each is in its own cookie, because several tabs can be at the
 * provider at the same time. An attempt can be used once.
 */
@Injectable()
export class SignInAttempts {
  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** Stores an attempt. Removes the oldest ones if there are too many. */
  async begin(request: FastifyRequest, reply: FastifyReply, attempt: StoredAttempt): Promise<void> {
    const names = this.namesIn(request).toSorted(); // by time
    for (const name of names.slice(0, Math.max(0, names.length - MAX_ATTEMPTS + 1))) {
      (await this.open(request, reply, name)).destroy();
    }
    const time = this.clock.now().toString(36).padStart(9, '0');
    const cookie = await this.open(request, reply, `sign-in-${time}-${shortOf(attempt.state)}`);
    await Object.assign(cookie, attempt).save();
  }

  /** Returns and removes the attempt with this `state`. Undefined if this browser has none. */
  async take(
    request: FastifyRequest,
    reply: FastifyReply,
    state: unknown,
  ): Promise<StoredAttempt | undefined> {
    if (typeof state !== 'string') return undefined;
    const name = this.namesIn(request).find((each) => each.endsWith(`-${shortOf(state)}`));
    if (name === undefined) return undefined;
    const cookie = await this.open(request, reply, name);
    const attempt = { ...cookie };
    cookie.destroy();
    const { nonce, verifier, returnTo } = attempt;
    return attempt.state === state && nonce && verifier && returnTo
      ? { state, nonce, verifier, returnTo }
      : undefined;
  }

  /** The names of the cookies without their prefix. One that `begin` cannot have given is not ours. */
  private namesIn({ headers }: FastifyRequest): string[] {
    const prefix = cookieName('', this.settings);
    return (headers.cookie ?? '')
      .split(';')
      .map((pair) => pair.split('=')[0]!.trim())
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length))
      .filter((name) => /^sign-in-[\w-]+$/.test(name));
  }

  private open(request: FastifyRequest, reply: FastifyReply, name: string) {
    return openCookie<StoredAttempt>(request, reply, this.settings, name, TTL_MS);
  }
}

/** A part of the random state, long enough to distinguish attempts. */
function shortOf(state: string): string {
  return state.slice(0, 12).replaceAll(/[^\w-]/g, '');
}
