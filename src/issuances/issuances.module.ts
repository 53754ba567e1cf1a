import { Global, Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ClusterLedger } from '../clusters/cluster.ledger.js';
import { ClustersModule } from '../clusters/clusters.module.js';
import { GuessProtectionModule } from '../guess-protection/guess-protection.module.js';
import { IssueLimitGuard } from '../limits/issue-limit.guard.js';
import { LimitsModule } from '../limits/limits.module.js';
import { IssuanceReconciler } from './issuance.reconciler.js';
import { IssuancesController } from './issuances.controller.js';
import { IssuancesService } from './issuances.service.js';
import { IssueController } from './issue.controller.js';

/** Global, because `clusters` and `keys` need the ledger, and this module imports `clusters`. */
@Global()
@Module({
  imports: [AuthModule, ClustersModule, GuessProtectionModule, LimitsModule],
  controllers: [IssueController, IssuancesController],
  providers: [
    IssuancesService,
    IssueLimitGuard,
    IssuanceReconciler,
    { provide: ClusterLedger, useExisting: IssuanceReconciler },
  ],
  exports: [ClusterLedger, IssuanceReconciler, IssuancesService],
})
export class IssuancesModule {}
