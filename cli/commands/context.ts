import { Command, Option } from '@commander-js/extra-typings';
import { makeFolder, readContext, writeContexts } from '../context-files.ts';
import { usageError } from '../exit-codes.ts';
import { examples } from '../../context/context.ts';
import { parseWorkers, serviceOption } from '../options.ts';
import { hint, stdout } from '../output.ts';
import { serviceUrlOf } from '../service.ts';

export function contextCommand() {
  return new Command('context')
    .summary('put a PIN into a context, offline')
    .description(
      'Writes the PIN, the role and the service into the ucernvm block of a context; every other line stays ' +
        'as it is. Nothing is sent anywhere.',
    )
    .argument('[file]', 'the context; - reads it from standard input')
    .addOption(new Option('--pin <pin>', 'the PIN').env('PAIRING_PIN'))
    .addOption(
      new Option('--role <role>', 'print the context of this role').choices([
        'master',
        'worker',
      ] as const),
    )
    .option('--workers <number>', 'how many workers the master waits for', parseWorkers)
    .option('--out <folder>', 'write both contexts into this folder')
    .addOption(
      new Option('--example <name>', 'print a context to start from').choices(
        Object.keys(examples),
      ),
    )
    .addOption(serviceOption)
    .addHelpText(
      'after',
      '\nExamples:\n  cernvm-pairing context --example cloud >cluster.txt\n' +
        '  cernvm-pairing context cluster.txt --pin "$PIN" --role worker | openstack server create --user-data /dev/stdin …\n',
    )
    .action(async (file, options) => {
      if (options.example !== undefined) return stdout.write(examples[options.example]!);
      const { pin, role, workers, out } = options;
      if (file === undefined) throw usageError('Which context? Give its file, or --example.');
      if (pin === undefined || !/^[a-z0-9]{12}$/.test(pin)) {
        throw usageError(
          'Which PIN? Give --pin PIN (12 characters of a-z and 0-9), or set PAIRING_PIN.',
        );
      }
      if ((role === undefined) === (out === undefined)) {
        throw usageError('Give either --role master or worker, or --out FOLDER for both.');
      }
      const pairing = { pin, serviceUrl: await serviceUrlOf(options.service), workers };
      const context = await readContext(file, workers);
      if (role !== undefined) return stdout.write(await context.render(role, pairing));
      await makeFolder(out!);
      const files = await writeContexts(context, pairing, out!);
      hint(`Written: ${files.master} and ${files.worker}`);
    });
}
