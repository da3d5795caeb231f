/**
 * Why the local stack does not start, or stops: one sentence that tells the user what to do, shown without a stack trace.
 */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}
