import { Module } from '@nestjs/common';
import { IssueLimit } from './issue-limit.js';

@Module({ providers: [IssueLimit], exports: [IssueLimit] })
export class LimitsModule {}
