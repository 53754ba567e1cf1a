import { Global, Module } from '@nestjs/common';
import { IssueLimit } from './issue-limit.js';

/** Global, because all modules that issue PINs count in the same limit. */
@Global()
@Module({ providers: [IssueLimit], exports: [IssueLimit] })
export class LimitsModule {}
