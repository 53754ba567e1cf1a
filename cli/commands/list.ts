import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import type { Issuance } from '../../client/client.ts';
import { jsonOption, serviceOption, tokenOption } from '../options.ts';
import { hint, plain, printJson, stdout, table } from '../output.ts';
import { connectSignedIn } from '../service.ts';
import { issuancesOf } from '../target.ts';
import { formatTime } from '../times.ts';
import { countWorkers, formatCounts } from '../worker-counts.ts';

const DEFAULT_LIMIT = 20;

export function listCommand() {
  return new Command('list')
    .summary('list your PINs, newest first')
    .description('Lists your PINs by their first 4 characters, and the state of their clusters.')
    .option('--live', 'only those that have not ended')
    .option('--owner <user>', 'those of another user, * for everyone (needs the admin role)')
    .option('--since <time>', 'issued at this time or later, such as 2026-11-23')
    .option('--limit <number>', 'how many at most', parseLimit, DEFAULT_LIMIT)
    .addOption(jsonOption)
    .addOption(serviceOption)
    .addOption(tokenOption)
    .addHelpText(
      'after',
      '\nExamples:\n  cernvm-pairing list --live\n' +
        "  cernvm-pairing list --json | jq -r '.[] | select(.second_masters > 0) | .id'\n",
    )
    .action(async (options) => {
      const service = await connectSignedIn(options);
      const { owner, since, limit } = options;
      const query = {
        ...(owner !== undefined && { owner }),
        ...(since !== undefined && { since }),
      };
      const found: Issuance[] = [];
      let isMore = false;
      for await (const issuance of issuancesOf(service, query)) {
        if (options.live && issuance.state === 'ended') continue;
        isMore = found.length === limit;
        if (isMore) break;
        found.push(issuance);
      }
      if (options.json) return printJson(found);
      if (found.length === 0) return hint('None yet. Get one with: cernvm-pairing create');
      stdout.line(tableOf(found, owner !== undefined));
      if (isMore) hint(`There are more: --limit ${limit * 5}`);
    });
}

function tableOf(issuances: readonly Issuance[], withOwner: boolean): string {
  const heading = ['PIN', 'STATE', 'WORKERS', 'CREATED', 'UNTIL', 'ID', 'DESCRIPTION'];
  const rows = issuances.map((issuance) => [
    ...(withOwner ? [plain(issuance.owner)] : []),
    `${issuance.hint}…`,
    stateOf(issuance),
    formatCounts(countWorkers(issuance)),
    formatTime(issuance.creation_time),
    formatTime(issuance.end_time ?? issuance.expiration_time),
    issuance.id,
    plain(issuance.description ?? ''),
  ]);
  return table(withOwner ? ['OWNER', ...heading] : heading, rows);
}

/** A state in words, with how it ended, and whether its master is in dispute. */
export function stateOf({ state, outcome, second_masters, master_changes }: Issuance): string {
  const words = outcome === null ? state : `${state}: ${outcome}`;
  const alarms = [
    ...(second_masters > 0 ? [', second master'] : []),
    ...(master_changes > 0 ? [', master changed'] : []),
  ];
  return `${words}${alarms.join('')}`.replaceAll('_', ' ');
}

function parseLimit(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Give a number from 1 on.');
  return Number(text);
}
