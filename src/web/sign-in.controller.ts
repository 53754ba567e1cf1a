import { Controller, Get, HttpCode, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CALLBACK_PATH, OidcClient } from '../auth/oidc-client.js';
import { assertSameOrigin } from '../auth/same-origin.js';
import { Sessions } from '../auth/sessions.js';
import { SignInAttempts } from '../auth/sign-in-attempts.js';
import { Settings } from '../config/settings.js';
import { PairingError } from '../errors/pairing-error.js';
import { redirectToPublicHost } from '../http/public-host.js';
import { ToPageFilter } from '../http/to-page.filter.js';
import { returnPath } from './return-path.js';
import { renderSignOutPage } from './sign-out.page.js';

/** Leads browsers to the identity provider and back. After a failure the browser is sent to the page, which shows the reason. */
@ApiExcludeController()
@Controller()
@UseFilters(ToPageFilter)
export class SignInController {
  constructor(
    private readonly oidc: OidcClient,
    private readonly attempts: SignInAttempts,
    private readonly sessions: Sessions,
    private readonly settings: Settings,
  ) {}

  /** `to` is the path of the page to show afterwards. */
  @Get('sign-in')
  async begin(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query('to') to: unknown,
  ): Promise<void> {
    if (redirectToPublicHost(request, reply, this.settings)) return;
    const { attempt, url } = await this.oidc.begin();
    await this.attempts.begin(request, reply, { ...attempt, returnTo: returnPath(to) });
    redirect(reply, url.href);
  }

  /** The way back from a sign-in, and from a sign-out, which has no query. */
  @Get(CALLBACK_PATH)
  async finish(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query() query: Record<string, unknown>,
  ): Promise<void> {
    const isSignIn = query['code'] !== undefined || query['error'] !== undefined;
    const path = isSignIn ? await this.signIn(request, reply, query['state']) : '/';
    redirect(reply, this.settings.publicUrl + path);
  }

  /**
   * Ends the session here, then at the provider. The answer is a page and not a redirect, because the
   * Content-Security-Policy (`form-action 'self'`) forbids a form to lead to another site.
   */
  @Post('sign-out')
  @HttpCode(200)
  async signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    assertSameOrigin(request, this.settings.publicUrl);
    const idToken = await this.sessions.end(request, reply);
    const url = await this.oidc.signOutUrl(idToken);
    reply
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(renderSignOutPage(url));
  }

  /** Returns the path of the page to show. */
  private async signIn(
    request: FastifyRequest,
    reply: FastifyReply,
    state: unknown,
  ): Promise<string> {
    const attempt = await this.attempts.take(request, reply, state);
    if (attempt) {
      const search = request.url.slice(request.url.indexOf('?'));
      await this.sessions.begin(request, reply, await this.oidc.finish(search, attempt));
      return attempt.returnTo;
    }
    // If there is a session, the user has signed in already, and came by Back, a reload or a second tab.
    if (!(await this.sessions.read(request, reply))) throw new PairingError('sign-in-lost');
    return '/';
  }
}

function redirect(reply: FastifyReply, url: string): void {
  reply.header('cache-control', 'no-store').redirect(url, 303);
}
