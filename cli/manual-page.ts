import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { exitCodeMeanings } from './exit-codes.ts';
import { version } from './service-info.ts';

/** The manual page of a program in man(7), made from the same definitions as `--help`. */
export function manualPage(program: CommandUnknownOpts): string {
  const help = program.createHelp();
  const name = program.name();
  const commands = help
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help')
    .map((command) => {
      const usage = [command.name(), ...command.registeredArguments.map((a) => `[${a.name()}]`)];
      return [
        `.SS ${bold(`${name} ${usage.join(' ')}`)}`,
        prose(command.description()),
        ...command.registeredArguments.map((a) => item(italic(a.name()), a.description)),
        ...help
          .visibleOptions(command)
          .map((option) => item(bold(option.flags), option.description)),
      ].join('\n');
    });
  return `.TH ${name.toUpperCase()} 1 "" "${name} ${version}" "CernVM Cluster Pairing"
.SH NAME
${name} \\- get PINs from the CernVM cluster pairing service, and watch clusters form
.SH SYNOPSIS
${bold(name)}
.I command
.RI [ option ]...
.SH DESCRIPTION
${prose(program.description())}
.SH COMMANDS
${commands.join('\n')}
.SH EXIT STATUS
${exitCodeMeanings.map(([code, meaning]) => item(bold(String(code)), meaning)).join('\n')}
.SH ENVIRONMENT
${item(bold('PAIRING_URL'), 'The pairing service; an option goes before it.')}
${item(bold('PAIRING_TOKEN'), 'A bearer token instead of the sign-in, for CI.')}
${item(bold('PAIRING_PIN'), 'The cluster that a command is about, if it names none.')}
${item(bold('NO_COLOR'), 'If set, nothing is coloured.')}
${item(bold('NODE_EXTRA_CA_CERTS'), 'A PEM file of authorities to trust besides those that Node knows.')}
.SH FILES
${item(italic('~/.config/cernvm-pairing/credentials.json'), 'The sign-in, readable by you alone. XDG_CONFIG_HOME moves it.')}
.SH EXAMPLES
.nf
${escape(`${name} login --service https://pairing.example.org
${name} create --context cluster.txt --out contexts
${name} wait "$PIN" --for ready --timeout 15m`)}
.fi
`;
}

function item(term: string, text: string): string {
  return `.TP\n${term}\n${prose(text)}`;
}

function prose(text: string): string {
  return escape(text);
}

function bold(text: string): string {
  return `\\fB${escape(text)}\\fR`;
}

function italic(text: string): string {
  return `\\fI${escape(text)}\\fR`;
}

/** Escapes text for roff: backslashes, hyphens of options, and a dot at the beginning of a line. */
function escape(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll(/^([.'])/gm, '\\&$1');
}
