/** Why the service cannot start: one sentence for the operator, free of secrets. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
