/** The exit codes of all commands. They are also listed in `docs/cli.md` and by `--help`. */
export const exitCodes = {
  success: 0,
  /** Refused, or a check of `doctor` failed. */
  failure: 1,
  /** The command line is wrong, or a file that it names. */
  usage: 2,
  /** No sign-in, or an expired one, or the account lacks a role. */
  signIn: 3,
  /** No such cluster, or it has ended. */
  gone: 4,
  /** The service or the identity provider does not answer, or asks to try again later. */
  unavailable: 5,
  /** `wait` reached its `--timeout`. */
  timeout: 6,
  /** The master has announced that its boot failed. */
  masterFailed: 7,
  /** Ctrl-C, as shells count it: 128 and the signal's number. */
  interrupted: 130,
} as const;

export const exitCodeMeanings: readonly (readonly [code: number, meaning: string])[] = [
  [exitCodes.success, 'success'],
  [exitCodes.failure, 'the service refused, or a check of doctor failed'],
  [exitCodes.usage, 'the command line is wrong, or a file that it names'],
  [exitCodes.signIn, 'not signed in, the token has expired, or your account lacks a role'],
  [exitCodes.gone, 'no such cluster, or it has ended'],
  [exitCodes.unavailable, 'the service does not answer, or asks to try again later'],
  [exitCodes.timeout, 'wait: the timeout was reached'],
  [exitCodes.masterFailed, 'wait: the master has failed'],
  [exitCodes.interrupted, 'interrupted'],
];

/** Ends a command with a sentence that says what to do, and an exit code. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

export function usageError(message: string): CommandError {
  return new CommandError(message, exitCodes.usage);
}
