/**
 * Why the local stack does not start, or does not go on, as one sentence for its user that says what to do.
 * It is shown as it is, without a stack trace.
 */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}
