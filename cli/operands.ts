import type { CommandUnknownOpts } from '@commander-js/extra-typings';

/** The id of an issuance is base64url, so one in 64 begins with a hyphen, as an option does. */
const HYPHEN_ID = /^-[\w-]{21}$/;

/**
 * The arguments with such ids at the end behind `--`, where no more options are expected (POSIX Utility
 * Syntax Guidelines, 10).
 */
export function idsAsOperands(program: CommandUnknownOpts, args: readonly string[]): string[] {
  const options = new Set(
    [program, ...program.commands].flatMap((command) => command.options.map(({ long }) => long)),
  );
  const isId = (arg: string) => HYPHEN_ID.test(arg) && !options.has(arg);
  if (args.includes('--') || !args.some(isId)) return [...args];
  return [...args.filter((arg) => !isId(arg)), '--', ...args.filter(isId)];
}
