import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import tab from '@bomb.sh/tab/commander';
import { contextCommand } from './commands/context.ts';
import { createCommand } from './commands/create.ts';
import { doctorCommand } from './commands/doctor.ts';
import { listCommand } from './commands/list.ts';
import { loginCommand, logoutCommand } from './commands/login.ts';
import { manualCommand } from './commands/manual.ts';
import { revokeCommand } from './commands/revoke.ts';
import { showCommand } from './commands/show.ts';
import { waitCommand } from './commands/wait.ts';
import { watchCommand } from './commands/watch.ts';
import { exitCodeMeanings } from './exit-codes.ts';
import { version } from './service-info.ts';

/** The command line with all its commands. */
export function createProgram(): CommandUnknownOpts {
  const program: CommandUnknownOpts = new Command('cernvm-pairing')
    .description(
      'Gets PINs from the CernVM cluster pairing service, makes contexts out of them, and watches clusters form.',
    )
    .version(version)
    .exitOverride()
    .showHelpAfterError('(See it with --help.)')
    .showSuggestionAfterError()
    .addHelpText('after', () => `\n${epilogue()}`);
  for (const command of [
    loginCommand(),
    logoutCommand(),
    createCommand(),
    listCommand(),
    showCommand(),
    watchCommand(),
    waitCommand(),
    revokeCommand(),
    contextCommand(),
    doctorCommand(),
    manualCommand(),
  ]) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  addCompletion(program);
  return program;
}

/** Adds shell completion. The library shows descriptions, so each command has its summary as description meanwhile. */
function addCompletion(program: CommandUnknownOpts): void {
  const descriptions = program.commands.map((command) => command.description());
  for (const command of program.commands) command.description(command.summary());
  // A cast, because the library's types are those of commander and not of extra-typings.
  tab(program as unknown as Parameters<typeof tab>[0], { completionCommandName: 'completion' });
  descriptions.forEach((text, index) => program.commands[index]?.description(text));
  program.commands
    .find((command) => command.name() === 'completion')
    ?.description('print a script that completes commands and options in a shell');
}

function epilogue(): string {
  const codes = exitCodeMeanings.map(([code, meaning]) => `  ${code}`.padEnd(7) + meaning);
  return `Examples:
  cernvm-pairing login --service https://pairing.example.org
  cernvm-pairing create --context cluster.txt --out contexts
  cernvm-pairing wait "$PIN" --for ready --timeout 15m

Exit codes:
${codes.join('\n')}

Environment:
  PAIRING_URL    the pairing service
  PAIRING_TOKEN  a bearer token instead of the sign-in
  PAIRING_PIN    the cluster that a command is about
  NO_COLOR       no colours
`;
}
