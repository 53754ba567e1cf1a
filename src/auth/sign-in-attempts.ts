import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Clock } from '../clock/clock.js';
import { Settings } from '../config/settings.js';
import type { SignInAttempt } from './oidc-client.js';
import { cookieName, openCookie } from './sealed-cookie.js';

/** The time that CERN SSO gives a person to sign in. */
const TTL_MS = 30 * 60_000;
/** Tabs in which a person may be signing in at a time. More cookies would make the header too long. */
const MAX_ATTEMPTS = 6;

/**
 * What must come back with the answer of the provider, in a cookie for each attempt: several tabs can be at
 * the provider at the same time. An attempt is good for one answer.
 */
@Injectable()
export class SignInAttempts {
  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** Forgets the oldest attempt if there are too many. */
  async begin(request: FastifyRequest, reply: FastifyReply, attempt: SignInAttempt): Promise<void> {
    const names = this.namesIn(request).toSorted(); // by time
    for (const name of names.slice(0, Math.max(0, names.length - MAX_ATTEMPTS + 1))) {
      (await this.open(request, reply, name)).destroy();
    }
    const time = this.clock.now().toString(36).padStart(9, '0');
    const cookie = await this.open(request, reply, `sign-in-${time}-${shortOf(attempt.state)}`);
    await Object.assign(cookie, attempt).save();
  }

  /** The attempt of this `state`, which is then forgotten; undefined if this browser has none. */
  async take(
    request: FastifyRequest,
    reply: FastifyReply,
    state: unknown,
  ): Promise<SignInAttempt | undefined> {
    if (typeof state !== 'string') return undefined;
    const name = this.namesIn(request).find((each) => each.endsWith(`-${shortOf(state)}`));
    if (name === undefined) return undefined;
    const cookie = await this.open(request, reply, name);
    const attempt = { ...cookie };
    cookie.destroy();
    return attempt.state === state && attempt.nonce && attempt.verifier
      ? { state, nonce: attempt.nonce, verifier: attempt.verifier }
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
    return openCookie<SignInAttempt>(request, reply, this.settings, name, TTL_MS);
  }
}

/** Enough of a random state to tell attempts apart. */
function shortOf(state: string): string {
  return state.slice(0, 12).replaceAll(/[^\w-]/g, '');
}
