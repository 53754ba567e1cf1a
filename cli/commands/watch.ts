import { Command } from '@commander-js/extra-typings';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { Display } from '../display.ts';
import { CLUSTER, jsonOption, parseWorkers, serviceOption, tokenOption } from '../options.ts';
import { stderr, stdout } from '../output.ts';
import { followIssuance, followPin, type FollowOptions, type Progress } from '../progress.ts';
import { type Target, targetOf } from '../target.ts';
import { untilInterrupted } from '../interrupt.ts';

export function watchCommand() {
  return new Command('watch')
    .summary('watch a cluster form')
    .description(
      'Prints a line for each change until the cluster has ended, and on a terminal a progress bar. ' +
        'With a PIN no sign-in is needed.',
    )
    .argument('[cluster]', CLUSTER)
    .option(
      '--workers <number>',
      'how many workers the bar counts up to; else the number given to create',
      parseWorkers,
    )
    .addOption(jsonOption)
    .addOption(serviceOption)
    .addOption(tokenOption)
    .addHelpText('after', '\nExample:\n  cernvm-pairing watch enico1qq0oey --workers 20\n')
    .action(async (cluster, options) => {
      const target = await targetOf(cluster, options);
      const isLive = !options.json;
      const display = isLive ? new Display(stdout, options.workers) : undefined;
      await untilInterrupted(async (signal) => {
        const onAway = () => {
          display?.showAway();
          if (!display || !stdout.isTerminal) reportAway();
        };
        try {
          for await (const progress of follow(target, { signal, onAway })) {
            if (display) display.show(progress);
            else stdout.line(JSON.stringify(progress));
          }
        } finally {
          display?.end();
        }
        if (signal.aborted) throw new CommandError('', exitCodes.interrupted);
      });
    });
}

export function follow(target: Target, options: FollowOptions): AsyncGenerator<Progress> {
  return 'pin' in target
    ? followPin(target.service, target.pin, options)
    : followIssuance(target.service, target.id, options);
}

let isAwayKnown = false;

/** Prints once that the service is away, however often it is tried again. */
function reportAway(): void {
  if (isAwayKnown) return;
  isAwayKnown = true;
  stderr.line('cernvm-pairing: the service does not answer; trying again');
}
