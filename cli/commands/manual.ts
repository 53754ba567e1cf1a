import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { manualPage } from '../manual-page.ts';
import { stdout } from '../output.ts';

export function manualCommand() {
  return new Command('manual')
    .summary('print the manual page')
    .description('Prints the manual page for man(1).')
    .addHelpText('after', '\nExample:\n  cernvm-pairing manual | man -l -\n')
    .action((_options, command) => {
      stdout.write(manualPage(command.parent as CommandUnknownOpts));
    });
}
