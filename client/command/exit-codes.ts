import {
  ConnectionFailed,
  InternalError,
  InvalidRequest,
  LicenseQuotaExceeded,
  LimitExceeded,
  MachineQuotaExceeded,
  ProblemError,
  TooManyRequests,
  UnexpectedAnswer,
} from '../errors.ts';
import { LicenseLost } from '../hold.ts';
import { OfflineLicenseRefused } from '../offline/problems.ts';

/** The exit codes of the command, from sysexits(3) where it has one. `run` exits as its command does. */
export const exitCodes = {
  /** Wrong arguments or configuration. */
  usage: 64,
  /** The service is unreachable or has failed. */
  unavailable: 69,
  /** An unexpected error. */
  software: 70,
  /** Every license or machine, or the API key's maximum, is in use. Try again later. */
  inUse: 75,
  /** Refused; a later try is refused too. */
  refused: 77,
  /** The license was lost, and the running command was terminated. */
  lost: 79,
  /** The command was found, but can't be run. */
  notExecutable: 126,
  notFound: 127,
} as const;

/** A failure with an exit code of its own; its message is for people. */
export class CommandFailed extends Error {
  override name = 'CommandFailed';
  readonly exitCode: number;

  constructor(exitCode: keyof typeof exitCodes, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCodes[exitCode];
  }
}

/** Records the exit code of one of several operations: the highest is the command's. */
export const noteExitCode = (code: number): void => {
  process.exitCode = Math.max(Number(process.exitCode ?? 0), code);
};

/** Returns the exit code of a failure. */
export const exitCodeOf = (error: unknown): number => {
  if (error instanceof CommandFailed) return error.exitCode;
  if (
    error instanceof LicenseQuotaExceeded ||
    error instanceof MachineQuotaExceeded ||
    // The command takes licenses, so this is the key's limit of running or waiting sessions.
    error instanceof LimitExceeded
  )
    return exitCodes.inUse;
  if (
    error instanceof ConnectionFailed ||
    error instanceof InternalError ||
    error instanceof TooManyRequests ||
    error instanceof UnexpectedAnswer
  )
    return exitCodes.unavailable;
  if (error instanceof InvalidRequest) return exitCodes.usage;
  if (error instanceof LicenseLost) return exitCodes.lost;
  if (error instanceof ProblemError || error instanceof OfflineLicenseRefused) return exitCodes.refused;
  return exitCodes.software;
};
