import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { CommandLineModule } from '../command-line/command-line.module.js';
import { IssuancesModule } from '../issuances/issuances.module.js';
import { SignInController } from './sign-in.controller.js';
import { WebController } from './web.controller.js';

@Module({
  imports: [AuthModule, CommandLineModule, IssuancesModule],
  controllers: [WebController, SignInController],
})
export class WebModule {}
