import { Global, Module } from '@nestjs/common';
import { IssueLimit } from './issue-limit.js';

/** Global, because a limit is one, by whatever module it is asked. */
@Global()
@Module({ providers: [IssueLimit], exports: [IssueLimit] })
export class LimitsModule {}
