import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { CommandLineModule } from '../command-line/command-line.module.js';
import { IssuancesModule } from '../issuances/issuances.module.js';
import { Assets } from './assets.js';
import { AssetsController } from './assets.controller.js';
import { PagesController } from './pages.controller.js';
import { LimitsModule } from '../limits/limits.module.js';
import { SignInController } from './sign-in.controller.js';

@Module({
  imports: [AuthModule, CommandLineModule, IssuancesModule, LimitsModule],
  controllers: [PagesController, AssetsController, SignInController],
  providers: [Assets],
})
export class WebModule {}
