import { Command } from '@commander-js/extra-typings';
import type { Issuance } from '../../client/client.ts';
import { CLUSTER, jsonOption, serviceOption, tokenOption } from '../options.ts';
import { fields, plain, printJson, stdout } from '../output.ts';
import { followPin, type Progress } from '../progress.ts';
import type { Service } from '../service.ts';
import { findIssuance, targetOf } from '../target.ts';
import { formatDuration, formatTime } from '../times.ts';
import { countWorkers, formatCounts } from '../worker-counts.ts';
import { stateOf } from './list.ts';

export function showCommand() {
  return new Command('show')
    .summary('show how far a cluster has come')
    .description(
      'By its PIN: the current state, with the address of its master; no sign-in is needed. ' +
        'By its id: the record of the cluster.',
    )
    .argument('[cluster]', CLUSTER)
    .addOption(jsonOption)
    .addOption(serviceOption)
    .addOption(tokenOption)
    .addHelpText(
      'after',
      '\nExamples:\n  cernvm-pairing show enic\n' +
        '  cernvm-pairing show "$PIN" --json | jq -r .master_address\n',
    )
    .action(async (cluster, options) => {
      const target = await targetOf(cluster, options);
      if ('id' in target) {
        const issuance = await findIssuance(target.service, target.id);
        if (options.json) printJson(issuance);
        else stdout.line(fields(entriesOf(issuance)));
        return;
      }
      const progress = await currentProgress(target.service, target.pin);
      if (options.json) printJson(progress);
      else stdout.line(fields(progressEntries(progress)));
    });
}

/** The current progress: the first event of the stream. */
async function currentProgress(service: Service, pin: string): Promise<Progress> {
  const { signal } = new AbortController();
  for await (const progress of followPin(service, pin, { signal, onAway: () => undefined })) {
    return progress;
  }
  throw new Error('The stream of events was empty.');
}

/** Such as `6 of 8, 1 failed (7 joined)`. */
function workersOf(counted: Parameters<typeof countWorkers>[0]): string {
  const { joined } = counted.workers;
  return `${formatCounts(countWorkers(counted))}${joined > 0 ? ` (${joined} joined)` : ''}`;
}

type Entry = readonly [name: string, value: string];

function entriesOf(issuance: Issuance): Entry[] {
  const time = (name: string, value: string | null): Entry[] =>
    value === null ? [] : [[name, formatTime(value)]];
  return [
    ['PIN', `${issuance.hint}…`],
    ['State', stateOf(issuance)],
    ...(issuance.description === null
      ? []
      : [['Description', plain(issuance.description)] as const]),
    ['Owner', plain(issuance.owner)],
    ['Workers', workersOf(issuance)],
    ...time('Issued', issuance.creation_time),
    ...time('Master registered', issuance.master_time),
    ...time('Master ready', issuance.ready_time),
    ...time('Master failed', issuance.failed_time),
    ...time('First worker', issuance.first_fetch_time),
    ...time('Complete', issuance.completed_time),
    ...time('Expires', issuance.end_time === null ? issuance.expiration_time : null),
    ...time('Ended', issuance.end_time),
    ['Id', issuance.id],
  ];
}

function progressEntries(progress: Progress): Entry[] {
  const { state, master_address: master, second_masters, master_changes } = progress;
  const left = formatDuration(Date.parse(progress.expiration_time) - Date.now());
  return [
    ['State', state.replaceAll('_', ' ')],
    ['Master', master === null ? 'none yet' : plain(master)],
    ...(progress.failure === null ? [] : [['Reason', plain(progress.failure)] as const]),
    ['Workers', workersOf(progress)],
    ...(second_masters > 0
      ? [['Second masters', `${second_masters}: check which machine is yours`] as const]
      : []),
    ...(master_changes > 0
      ? [['Master changed', `${master_changes}: if it was not you, revoke the PIN`] as const]
      : []),
    ['Expires', `${formatTime(progress.expiration_time)} (in ${left})`],
  ];
}
