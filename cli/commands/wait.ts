import { Command, Option } from '@commander-js/extra-typings';
import { Display } from '../display.ts';
import { CommandError, exitCodes, usageError } from '../exit-codes.ts';
import { untilInterrupted } from '../interrupt.ts';
import { CLUSTER, jsonOption, parseWorkers, serviceOption, tokenOption } from '../options.ts';
import { plain, printJson, stderr } from '../output.ts';
import type { Progress } from '../progress.ts';
import { workers } from '../progress-lines.ts';
import { targetOf } from '../target.ts';
import { formatDuration, parseDuration } from '../times.ts';
import { countWorkers } from '../worker-counts.ts';
import { follow } from './watch.ts';

const GOALS = ['registered', 'ready', 'complete'] as const;
type Goal = (typeof GOALS)[number];

export function waitCommand() {
  return new Command('wait')
    .summary('wait until a cluster is ready or complete')
    .description(
      'Ends with 0 when the goal is reached, with 4 when the cluster has ended before, with 6 at the timeout, and ' +
        'with 7 when the master has failed. A cluster is complete when as many workers are ready as are expected; ' +
        'of old images, whose workers do not join: when as many have fetched the address.',
    )
    .argument('[cluster]', CLUSTER)
    .addOption(
      new Option(
        '--for <goal>',
        'the master has registered its address, or is ready; or the expected workers are ready',
      )
        .choices(GOALS)
        .default('ready' as const),
    )
    .option(
      '--workers <number>',
      'how many workers make it complete; else the number given to create',
      parseWorkers,
    )
    .option('--timeout <time>', 'such as 90s, 10m or 2h; else until the PIN ends', parseDuration)
    .addOption(jsonOption)
    .addOption(serviceOption)
    .addOption(tokenOption)
    .addHelpText(
      'after',
      '\nExamples:\n  cernvm-pairing wait "$PIN" --for ready --timeout 15m && submit-jobs\n' +
        '  cernvm-pairing wait "$PIN" --for complete --workers 20 --timeout 30m\n',
    )
    .action(async (cluster, options) => {
      const goal = options.for;
      const target = await targetOf(cluster, options);
      const display = stderr.isTerminal ? new Display(stderr, options.workers) : undefined;
      const reached = await untilInterrupted(async (interrupted) => {
        const timeUp = new AbortController();
        const timer =
          options.timeout === undefined
            ? undefined
            : setTimeout(() => timeUp.abort(), options.timeout);
        const signal = AbortSignal.any([interrupted, timeUp.signal]);
        let latest: Progress | undefined;
        try {
          for await (latest of follow(target, { signal, onAway: () => display?.showAway() })) {
            display?.show(latest);
            if (isReached(goal, latest, options.workers)) return latest;
            if (latest.state === 'failed' && goal !== 'registered') throw masterFailed(latest);
          }
        } finally {
          clearTimeout(timer);
          display?.end();
        }
        if (interrupted.aborted) throw new CommandError('', exitCodes.interrupted);
        if (timeUp.signal.aborted) throw timedOut(goal, latest, options.timeout!);
        throw new CommandError(
          `The cluster has ended (${latest?.end_reason}) before it was ${goal}.`,
          exitCodes.gone,
        );
      });
      if (options.json) printJson(reached);
    });
}

/** Fails with a usage error when it is not known how many workers make the cluster complete. */
function isReached(goal: Goal, progress: Progress, given: number | undefined): boolean {
  switch (goal) {
    case 'registered':
      return progress.master_registered_time !== null;
    case 'ready':
      return progress.master_ready_time !== null;
    case 'complete':
      return isComplete(progress, given);
  }
}

function isComplete(progress: Progress, given: number | undefined): boolean {
  const { done, expected } = countWorkers(progress, given);
  if (expected === undefined) {
    throw usageError(
      '--for complete needs --workers NUMBER, because the PIN was issued without a number of workers.',
    );
  }
  // Workers may fail again later, but a cluster that was complete counts as such.
  return done >= expected || (given === undefined && progress.completed_time !== null);
}

function masterFailed({ failure }: Progress): CommandError {
  return new CommandError(
    failure === null ? 'The master has failed.' : `The master has failed: ${plain(failure)}`,
    exitCodes.masterFailed,
  );
}

function timedOut(goal: Goal, latest: Progress | undefined, timeoutMs: number): CommandError {
  const state = latest ? stateOf(latest) : 'the service did not answer';
  return new CommandError(
    `Not ${goal} within ${formatDuration(timeoutMs)}: ${state}.`,
    exitCodes.timeout,
  );
}

function stateOf(progress: Progress): string {
  const { master_registered_time, master_ready_time, workers: members, fetches } = progress;
  if (master_registered_time === null) return 'no master has registered';
  if (master_ready_time === null) return 'the master has registered and is not ready yet';
  if (members.joined === 0) return `the master is ready, ${workers(fetches)} fetched its address`;
  return `the master is ready, ${workers(members.joined)} joined, ${members.ready} ready`;
}
