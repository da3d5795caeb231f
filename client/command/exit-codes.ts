import {
  ConnectionFailed,
  InternalError,
  InvalidRequest,
  LicenseQuotaExceeded,
  LimitExceeded,
  MachineQuotaExceeded,
  NotFound,
  OrganizationRequired,
  ProblemError,
  TooManyRequests,
  Unauthenticated,
  UnexpectedAnswer,
} from '../errors.ts';
import { LicenseLost } from '../hold.ts';
import { OfflineLicenseRefused } from '../offline/problems.ts';

/** The exit codes of the command, from sysexits(3) where it has one. `run` exits as its command does. */
export const exitCodes = {
  usage: 64,
  missing: 66,
  credential: 67,
  unavailable: 69,
  software: 70,
  inUse: 75,
  refused: 77,
  configuration: 78,
  lost: 79,
  notExecutable: 126,
  commandMissing: 127,
} as const;

type Kind = keyof typeof exitCodes;

/** The meaning of each exit code, for the help and the documents. */
export const exitCodeMeanings: Readonly<Record<Kind, string>> = {
  usage: 'wrong arguments',
  missing: 'not found: the product, the session or another thing does not exist, or you may not know of it',
  credential: 'no credential, or one that is unknown, revoked or expired',
  unavailable: "the service can't be reached, or is at fault",
  software: 'a fault of the command',
  inUse: 'every license or machine, or the API key’s maximum, is in use, also after --wait: try later',
  refused: 'refused by the role, the subscription or another rule',
  configuration: 'a setting is missing or wrong: URL, organization, configuration file',
  lost: 'the license was lost, and the command ended',
  notExecutable: 'the command to run can’t be executed',
  commandMissing: 'the command to run does not exist',
};

/** A failure with an exit code of its own; its message is for people. */
export class CommandFailed extends Error {
  override name = 'CommandFailed';
  readonly kind: Kind;
  readonly exitCode: number;

  constructor(kind: Kind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.exitCode = exitCodes[kind];
  }
}

/** Records the exit code of one of several operations: the highest is the command's. */
export const noteExitCode = (code: number): void => {
  process.exitCode = Math.max(Number(process.exitCode ?? 0), code);
};

const kindOf = (error: unknown): Kind => {
  if (error instanceof CommandFailed) return error.kind;
  if (
    error instanceof LicenseQuotaExceeded ||
    error instanceof MachineQuotaExceeded ||
    // The key's limit of running or waiting sessions. Of the other limits the service tells no time.
    (error instanceof LimitExceeded && error.problem.retryAfterSeconds !== undefined)
  )
    return 'inUse';
  if (
    error instanceof ConnectionFailed ||
    error instanceof InternalError ||
    error instanceof TooManyRequests ||
    error instanceof UnexpectedAnswer
  )
    return 'unavailable';
  if (error instanceof InvalidRequest) return 'usage';
  if (error instanceof OrganizationRequired) return 'configuration';
  if (error instanceof Unauthenticated) return 'credential';
  if (error instanceof NotFound) return 'missing';
  if (error instanceof LicenseLost) return 'lost';
  if (error instanceof ProblemError || error instanceof OfflineLicenseRefused) return 'refused';
  return 'software';
};

/** Returns the exit code of a failure. */
export const exitCodeOf = (error: unknown): number => exitCodes[kindOf(error)];

/** Returns the code of a failure in JSON: the service's, or the kind of the exit code. */
export const codeOf = (error: unknown): string => {
  if (error instanceof ProblemError) return error.code;
  return kindOf(error).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
};
