import {
  Controller,
  Get,
  Param,
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
import { Clock } from '../clock/clock.js';
import { timestamp } from '../clock/timestamp.js';
import { CommandLine } from '../command-line/command-line.js';
import { Settings } from '../config/settings.js';
import { PairingError } from '../errors/pairing-error.js';
import { ValidForm } from '../http/body.pipe.js';
import { ClientAddress } from '../http/client-address.js';
import { redirectToPublicHost } from '../http/public-host.js';
import { ToPageFilter } from '../http/to-page.filter.js';
import { IssuanceInfo, IssuancePage, NewCluster } from '../issuances/issuance.dto.js';
import { IssuancesService } from '../issuances/issuances.service.js';
import { IssueLimitGuard } from '../limits/issue-limit.guard.js';
import { Assets } from './assets.js';
import { renderLayout } from './layout.js';
import type { PageData, Shown } from './page-data.js';
import { problemOf } from './problems.js';
import { returnPath } from './return-path.js';
import { clusterView, firstView, newView, pinView } from './views.js';

const PAGE_SIZE = 50;

/** The pages. Each is complete without scripts; `browser/` makes it live. */
@ApiExcludeController()
@Controller()
export class PagesController {
  constructor(
    private readonly sessions: Sessions,
    private readonly issuances: IssuancesService,
    private readonly commandLine: CommandLine,
    private readonly assets: Assets,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  @Get()
  async first(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query('problem') code?: string,
  ): Promise<void> {
    await this.show(request, reply, async (user) => ({
      ...(user && { issuances: await this.newestOf(user) }),
      ...(code !== undefined && { problem: problemOf(code) ?? null }),
    }));
  }

  @Get('new')
  async new(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.show(request, reply);
  }

  @Get('pin')
  async pin(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.show(request, reply);
  }

  @Get(['clusters/:id', 'clusters/:id/contexts', 'clusters/:id/start'])
  async cluster(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    await this.show(request, reply, async (user) => ({
      ...(user && { issuance: await this.find(user, id) }),
    }));
  }

  /** Issues a PIN for a browser without scripts. */
  @Post()
  @UseGuards(SsoGuard, IssueLimitGuard)
  @UseFilters(ToPageFilter)
  async issue(
    @CurrentUser() user: User,
    @ClientAddress() address: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @ValidForm() { description, workers, ttl }: NewCluster,
  ): Promise<void> {
    const asked = { user, address, description, workers, ttl };
    const { pin, createdAt, expiresAt } = await this.issuances.issue(asked);
    const issued = {
      pin,
      creation_time: timestamp(createdAt),
      expiration_time: timestamp(expiresAt),
    };
    const issuances = await this.newestOf(user).catch(() => null); // it must not cost the PIN
    this.send(request, reply, { user, issuances, issued });
  }

  /** Revokes a PIN for a browser without scripts. */
  @Post('clusters/:id/revoke')
  @UseGuards(SsoGuard)
  @UseFilters(ToPageFilter)
  async revoke(
    @CurrentUser() user: User,
    @ClientAddress() address: string,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    await this.issuances.revoke(user, id, address);
    const path = returnPath(`/clusters/${id}`);
    reply.header('cache-control', 'no-store').redirect(this.settings.publicUrl + path, 303);
  }

  /** Shows a page to the user of this session, or without one. */
  private async show(
    request: FastifyRequest,
    reply: FastifyReply,
    read: (user: User | undefined) => Promise<Shown> = async () => ({}),
  ): Promise<void> {
    if (redirectToPublicHost(request, reply, this.settings)) return;
    let user: User | undefined;
    try {
      user = await this.sessions.read(request, reply);
      this.send(request, reply, { user, ...(await read(user)) });
    } catch (error) {
      if (!(error instanceof PairingError)) throw error;
      // The session or the record cannot be read now: show the page without it.
      this.send(request, reply, { user, problem: problemOf(error.code) ?? null });
    }
  }

  private async newestOf(user: User): Promise<IssuancePage | null> {
    if (this.lacks(user)) return null;
    const found = await this.issuances.list(user, { owner: user.name }, PAGE_SIZE + 1);
    return new IssuancePage(found, PAGE_SIZE, this.clock.now());
  }

  private async find(user: User, id: string): Promise<IssuanceInfo | null> {
    try {
      return new IssuanceInfo(await this.issuances.find(user, id), this.clock.now());
    } catch (error) {
      if (error instanceof PairingError && error.code === 'not-found') return null;
      throw error;
    }
  }

  private send(request: FastifyRequest, reply: FastifyReply, { user, ...shown }: Shown): void {
    const { publicUrl, pinTtlMs } = this.settings;
    const { version, sha256 } = this.commandLine;
    const path = returnPath(request.url.split('?')[0]);
    const data: PageData = {
      service: publicUrl,
      user: user?.name ?? null,
      isAdmin: user !== undefined && this.issuances.isAdmin(user),
      lacks: user ? this.lacks(user) : null,
      pinTtlSeconds: pinTtlMs / 1000,
      commandLine: { version, sha256 },
      issuances: null,
      issuance: null,
      issued: null,
      problem: null,
      ...shown,
    };
    const { title, main } = this.viewOf(path, data);
    const isUnknown = user !== undefined && data.lacks === null && shown.issuance === null;
    if (isUnknown) reply.code(404);
    reply
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(renderLayout({ path, title, main, data }, this.assets));
  }

  private lacks({ roles }: User): PageData['lacks'] {
    const { requiredRole, roleHelp } = this.settings;
    return requiredRole === undefined || roles.has(requiredRole)
      ? null
      : { role: requiredRole, help: roleHelp };
  }

  private viewOf(path: string, data: PageData): { title: string; main: string } {
    switch (path) {
      case '/':
        return {
          title: data.user === null ? 'Welcome' : 'My clusters',
          main: firstView(data, this.assets.mark),
        };
      case '/new':
        return { title: 'New cluster', main: newView(data) };
      case '/pin':
        return { title: 'I have a PIN', main: pinView };
      default:
        return { title: 'Cluster', main: clusterView(data, path) };
    }
  }
}
