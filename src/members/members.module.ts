import { Module } from '@nestjs/common';
import { ClustersModule } from '../clusters/clusters.module.js';
import { MAX_MEMBERS } from '../clusters/cluster.js';
import { provideWriteLimit } from '../clusters/write-limit.js';
import { WaitingModule } from '../waiting/waiting.module.js';
import { MemberController } from './member.controller.js';
import { MemberListController } from './member-list.controller.js';
import { MemberPollService } from './member-poll.service.js';
import { MemberReader } from './member-reader.js';
import { MembersService } from './members.service.js';
import { UnsentLists } from './unsent-lists.js';

/** The largest cluster can join, become ready and retry once within a minute; then 250 writes a second. */
const WRITES = { points: 3 * MAX_MEMBERS, duration: 60 };

@Module({
  imports: [ClustersModule, WaitingModule],
  controllers: [MemberListController, MemberController],
  providers: [
    MembersService,
    MemberPollService,
    MemberReader,
    UnsentLists,
    provideWriteLimit(WRITES),
  ],
})
export class MembersModule {}
