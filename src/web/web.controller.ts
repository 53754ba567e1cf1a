import { readFile } from 'node:fs/promises';
import {
  Body,
  Controller,
  Get,
  Post,
  Query,
  Req,
  Res,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentUser } from '../auth/current-user.js';
import { Sessions } from '../auth/sessions.js';
import { SsoGuard } from '../auth/sso.guard.js';
import type { User } from '../auth/user.js';
import { CommandLine } from '../command-line/command-line.js';
import { Settings } from '../config/settings.js';
import { PairingError } from '../errors/pairing-error.js';
import { FormPipe } from '../http/body.pipe.js';
import { ClientAddress } from '../http/client-address.js';
import { redirectToPublicHost } from '../http/public-host.js';
import { StaticFile } from '../http/static-file.js';
import { ToPageFilter } from '../http/to-page.filter.js';
import { IssueLimitGuard } from '../limits/issue-limit.guard.js';
import { NewCluster } from '../issuances/issuance.dto.js';
import { IssuancesService } from '../issuances/issuances.service.js';
import { type PageModel, problemOf, renderPage } from './page.js';

/** The pairing page. Its script and style are built beside this file. */
@ApiExcludeController()
@Controller()
export class WebController {
  private readonly pageScript = asset('page.js', 'text/javascript; charset=utf-8');
  private readonly pageStyle = asset('page.css', 'text/css; charset=utf-8');

  constructor(
    private readonly sessions: Sessions,
    private readonly issuances: IssuancesService,
    private readonly commandLine: CommandLine,
    private readonly settings: Settings,
  ) {}

  @Get()
  async show(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query('problem') code?: string,
  ): Promise<void> {
    if (redirectToPublicHost(request, reply, this.settings)) return;
    try {
      const user = await this.sessions.read(request, reply);
      this.send(reply, { user, problem: problemOf(code) });
    } catch (error) {
      if (!(error instanceof PairingError)) throw error;
      // The session cannot be read now: show the page without it.
      this.send(reply, { user: undefined, problem: problemOf(error.code) });
    }
  }

  /** Issues a PIN for a browser without scripts. */
  @Post()
  @UseGuards(SsoGuard, IssueLimitGuard)
  @UseFilters(ToPageFilter)
  async issue(
    @CurrentUser() user: User,
    @ClientAddress() address: string,
    @Res() reply: FastifyReply,
    @Body(new FormPipe(NewCluster)) { description }: Readonly<NewCluster>,
  ): Promise<void> {
    const { pin, createdAt } = await this.issuances.issue({ user, address, description });
    this.send(reply, { user, issued: { pin, expiresAt: createdAt + this.settings.pinTtlMs } });
  }

  @Get('page.js')
  async script(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.pageScript.send(request, reply);
  }

  @Get('page.css')
  async style(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.pageStyle.send(request, reply);
  }

  private send(reply: FastifyReply, model: Pick<PageModel, 'user' | 'issued' | 'problem'>): void {
    const { publicUrl, requiredRole, roleHelp } = this.settings;
    const { user } = model;
    const isAdmin = user !== undefined && this.issuances.isAdmin(user);
    const lacks =
      user === undefined || requiredRole === undefined || user.roles.has(requiredRole)
        ? undefined
        : { role: requiredRole, help: roleHelp };
    const { commandLine } = this;
    reply
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(renderPage({ ...model, isAdmin, lacks, publicUrl, commandLine }));
  }
}

function asset(name: string, type: string): StaticFile {
  return new StaticFile(type, () => readFile(new URL(`browser/${name}`, import.meta.url)));
}
