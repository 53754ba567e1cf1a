import { Command } from '@commander-js/extra-typings';
import { CommandError } from '../exit-codes.ts';
import { makeFolder, readContext, writeContexts } from '../context-files.ts';
import { jsonOption, parseWorkers, serviceOption, tokenOption } from '../options.ts';
import { hint, printJson, stderr, stdout } from '../output.ts';
import { connectSignedIn } from '../service.ts';
import { parseDuration } from '../times.ts';

export function createCommand() {
  return new Command('create')
    .summary('get a PIN, and contexts ready to start')
    .description(
      'Gets a PIN and prints it. It is shown only once. With --context it also writes master-context.txt ' +
        'and worker-context.txt: start one machine with the first and all others with the second.',
    )
    .option('--description <text>', 'what it is for, to know it by in the list')
    .option('--workers <number>', 'how many workers are expected', parseWorkers)
    .option('--ttl <time>', 'how long the PIN lives, such as 90m or 12h', parseDuration)
    .option('--context <file>', 'a context with a ucernvm block to put the PIN into; - reads it')
    .option('--out <folder>', 'where to write both contexts', '.')
    .addOption(jsonOption)
    .addOption(serviceOption)
    .addOption(tokenOption)
    .addHelpText(
      'after',
      '\nExamples:\n  cernvm-pairing create --workers 20 --ttl 6h --context cluster.txt --out contexts\n' +
        '  PAIRING_PIN=$(cernvm-pairing create); export PAIRING_PIN\n',
    )
    .action(async (options) => {
      const { description, workers, ttl, out } = options;
      const context =
        options.context === undefined ? undefined : await readContext(options.context, workers);
      const service = await connectSignedIn(options);
      if (context) await makeFolder(out);
      const issued = await service.ask(
        service.client.POST('/api/v1/clusters', {
          body: {
            ...(description !== undefined && { description }),
            ...(workers !== undefined && { workers }),
            ...(ttl !== undefined && { ttl: ttl / 1000 }),
          },
        }),
      );
      const pairing = { pin: issued.pin, serviceUrl: service.url, workers };
      if (!options.json) stdout.line(issued.pin); // first: what follows may fail
      let files;
      try {
        files = context && (await writeContexts(context, pairing, out));
      } catch (error) {
        // Print the PIN also when the disk is full: it is shown only once.
        if (options.json) printJson({ ...issued, service_url: service.url });
        throw error instanceof CommandError
          ? error
          : new CommandError(`The contexts cannot be written: ${(error as Error).message}`, 1);
      }
      if (options.json) {
        printJson({
          ...issued,
          service_url: service.url,
          ...(files && { master_context: files.master, worker_context: files.worker }),
        });
        return;
      }
      if (files && stderr.isTerminal) hint(`Written: ${files.master} and ${files.worker}`);
      hint(`Good for one cluster. Next: cernvm-pairing watch ${issued.pin}`);
    });
}
