import { Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Settings } from '../config/settings.js';
import { ToPageFilter } from '../http/to-page.filter.js';
import { assertSameOrigin } from './same-origin.js';
import { Sessions } from './session.js';
import { CALLBACK_PATH, Sso } from './sso.js';

/** The way to CERN SSO and back. Whatever goes wrong, a person ends at the page, which says so. */
@ApiExcludeController()
@Controller()
@UseFilters(ToPageFilter)
export class SignInController {
  constructor(
    private readonly sso: Sso,
    private readonly sessions: Sessions,
    private readonly settings: Settings,
  ) {}

  @Get('sign-in')
  async begin(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { href } = await this.sso.begin(request, reply);
    reply.header('cache-control', 'no-store').redirect(href, 303);
  }

  @Get(CALLBACK_PATH)
  async finish(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { code, error } = request.query as Record<string, unknown>;
    if (code === undefined && error === undefined) {
      // The way back from signing out: the one address that the client has registered.
      reply.header('cache-control', 'no-store').redirect(`${this.settings.publicUrl}/`, 303);
      return;
    }
    const user = await this.sso.finish(request, reply);
    await this.sessions.begin(request, reply, user);
    reply.header('cache-control', 'no-store').redirect(`${this.settings.publicUrl}/`, 303);
  }

  /**
   * Ends the session here and leads on to end it at CERN SSO: by a page and not a redirect, because a
   * form of a strict page (`form-action 'self'`) may not be led to another site.
   */
  @Post('sign-out')
  async signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    assertSameOrigin(request, this.settings.publicUrl);
    await this.sessions.end(request, reply);
    const url = (await this.sso.signOutUrl()).replaceAll('&', '&amp;').replaceAll('"', '&quot;');
    reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Signing out</title>
<meta http-equiv="refresh" content="0; url=${url}">
<p>You are signed out here. <a href="${url}">Sign out of CERN SSO</a></p>
`);
  }
}
