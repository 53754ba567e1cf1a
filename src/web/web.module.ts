import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { IssuancesModule } from '../issuances/issuances.module.js';
import { WebController } from './web.controller.js';

@Module({ imports: [AuthModule, IssuancesModule], controllers: [WebController] })
export class WebModule {}
