import { Controller, Get, Header, Headers, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Settings } from '../config/settings.js';
import { CommandLine } from './command-line.js';

/** What the command line must know about its service before the user has signed in. */
interface CommandLineInfo {
  readonly version: string;
  readonly sha256: string;
  /** Where to sign in, by the OAuth device grant. */
  readonly issuer: string;
  /** The public client to sign in with; null where none is registered. */
  readonly client_id: string | null;
}

/** Serves the command line, its manual page and the information that it needs. */
@ApiExcludeController()
@Controller()
export class CommandLineController {
  constructor(
    private readonly commandLine: CommandLine,
    private readonly settings: Settings,
  ) {}

  @Get('cernvm-pairing')
  program(
    @Headers('if-none-match') known: string | undefined,
    @Res() reply: FastifyReply,
  ): FastifyReply {
    const tag = `"${this.commandLine.sha256}"`;
    reply.header('etag', tag).header('cache-control', 'no-cache');
    if (known === tag) return reply.code(304).send();
    return reply
      .type('application/octet-stream')
      .header('content-disposition', 'attachment; filename="cernvm-pairing"')
      .send(this.commandLine.program);
  }

  @Get('cernvm-pairing.1')
  @Header('content-type', 'text/troff; charset=utf-8')
  @Header('cache-control', 'no-cache')
  manual(): string {
    return this.commandLine.manual;
  }

  @Get('cernvm-pairing.json')
  @Header('cache-control', 'no-cache')
  info(): CommandLineInfo {
    const { version, sha256 } = this.commandLine;
    return {
      version,
      sha256,
      issuer: this.settings.issuer,
      client_id: this.settings.publicClientId ?? null,
    };
  }
}
