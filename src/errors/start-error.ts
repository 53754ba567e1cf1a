/** Why the service cannot start: one sentence for the operator, without secrets. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** The error when the service cannot listen on the port that `variable` sets. */
export function cannotListen(
  variable: string,
  host: string,
  port: number,
  { code, message }: NodeJS.ErrnoException,
): StartError {
  if (code === 'EADDRINUSE') {
    return new StartError(
      `Port ${port} of ${host} is in use: stop what uses it, or set ${variable}.`,
    );
  }
  return new StartError(`Cannot listen on port ${port} of ${host}: ${message}.`);
}
