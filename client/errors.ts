import type {
  ActivationEndedProblem,
  InvalidRequestProblem,
  LicenseQuotaExceededProblem,
  LimitExceededProblem,
  MachineQuotaExceededProblem,
  Problem,
  ProductNotInCatalogueProblem,
  TooManyRequestsProblem,
} from './api.ts';

/** The base of all errors of this client, except `TypeError` for wrong arguments and your own signal's reason. */
export class LeaseholdError extends Error {
  override name = 'LeaseholdError';
  /** The service's ID of the request; quote it when you ask for help. Absent if no answer came. */
  readonly requestId: string | undefined;

  constructor(message: string, { requestId, cause }: { requestId?: string | undefined; cause?: unknown } = {}) {
    super(message, { cause });
    this.requestId = requestId;
  }
}

/** Why no answer came. `broken`: for any other reason. */
export type ConnectionReason = 'host-not-found' | 'refused' | 'tls' | 'unanswered' | 'broken';

/** No answer came: the service was unreachable, or the connection broke. The request may have been carried out. */
export class ConnectionFailed extends LeaseholdError {
  override name = 'ConnectionFailed';
  readonly reason: ConnectionReason;

  constructor(message: string, { reason = 'broken', cause }: { reason?: ConnectionReason; cause?: unknown } = {}) {
    super(message, { cause });
    this.reason = reason;
  }
}

/** No answer came within the time limit. The request may have been carried out. */
export class TimedOut extends ConnectionFailed {
  override name = 'TimedOut';

  constructor(message: string, { cause }: { cause?: unknown } = {}) {
    super(message, { reason: 'unanswered', cause });
  }
}

/** The answer is not from this service: a proxy or gateway failed, or `baseUrl` is wrong. */
export class UnexpectedAnswer extends LeaseholdError {
  override name = 'UnexpectedAnswer';
  readonly status: number;

  constructor(message: string, status: number, requestId?: string) {
    super(message, { requestId });
    this.status = status;
  }
}

/** The credential belongs to no organization or to several, and the client was not told which one to use. */
export class OrganizationRequired extends LeaseholdError {
  override name = 'OrganizationRequired';
  readonly organizationIds: readonly string[];

  constructor(organizationIds: readonly string[]) {
    const which = organizationIds.length > 0 ? `one of ${organizationIds.join(', ')}` : 'you are a member of none';
    super(`Say whose licenses, by the ID of an organization: ${which}.`);
    this.organizationIds = organizationIds;
  }
}

/** A problem as received. One with a code that this client does not know has only the common fields. */
type AnyProblem = Problem | (Pick<Problem, 'title' | 'detail' | 'requestId'> & { code: string; status: number });

/** A refusal of the service. `code` is stable and says why; `message` tells a person what to do. */
export class ProblemError<P extends AnyProblem = AnyProblem> extends LeaseholdError {
  override name = 'ProblemError';
  readonly code: P['code'];
  readonly status: P['status'];
  /** The whole body. */
  readonly problem: P;

  constructor(problem: P) {
    super(problem.detail, { requestId: problem.requestId });
    this.code = problem.code;
    this.status = problem.status;
    this.problem = problem;
  }
}

/** 400: `errors` lists the wrong fields. */
export class InvalidRequest extends ProblemError<InvalidRequestProblem> {
  override name = 'InvalidRequest';
  readonly errors = this.problem.errors;
}

/** 401: the credential is missing, wrong, expired or revoked. */
export class Unauthenticated extends ProblemError {
  override name = 'Unauthenticated';
}

/** 403: your role may not do this, or the subscription does not allow it. */
export class Forbidden extends ProblemError {
  override name = 'Forbidden';
}

/** 403: a per-user product, and nobody granted you a license. */
export class NotLicensed extends ProblemError {
  override name = 'NotLicensed';
}

/** 403. */
export class SubscriptionExpired extends ProblemError {
  override name = 'SubscriptionExpired';
}

/** 403. */
export class SubscriptionSuspended extends ProblemError {
  override name = 'SubscriptionSuspended';
}

/** 404: the resource does not exist, or you may not know of it. */
export class NotFound extends ProblemError {
  override name = 'NotFound';
}

/** 409: the session ID is live on another machine or for another member. */
export class SessionConflict extends ProblemError {
  override name = 'SessionConflict';
}

/** 409: every license is in use. */
export class LicenseQuotaExceeded extends ProblemError<LicenseQuotaExceededProblem> {
  override name = 'LicenseQuotaExceeded';
  readonly quota = this.problem.quota;
  readonly inUse = this.problem.inUse;
  /** When the next license is free unless its holder extends it; null if no hold ends. */
  readonly nextFreeAt = this.problem.nextFreeAt === null ? null : new Date(this.problem.nextFreeAt);
  readonly retryAfterSeconds = this.problem.retryAfterSeconds;
  /** The holders, for owners and admins only. */
  readonly holders = this.problem.holders;
}

/** 409: the machine quota is used up. */
export class MachineQuotaExceeded extends ProblemError<MachineQuotaExceededProblem> {
  override name = 'MachineQuotaExceeded';
  readonly machineQuota = this.problem.machineQuota;
  readonly registeredMachines = this.problem.registeredMachines;
}

/** 409: a limit of the organization or of the API key is reached. */
export class LimitExceeded extends ProblemError<LimitExceededProblem> {
  override name = 'LimitExceeded';
  readonly limit = this.problem.limit;
  readonly value = this.problem.value;
}

/** 409: the vendor's catalogue does not have the product. */
export class ProductNotInCatalogue extends ProblemError<ProductNotInCatalogueProblem> {
  override name = 'ProductNotInCatalogue';
  /** Products with similar codes, the nearest first. */
  readonly near = this.problem.near;
}

/** 409: an offline license forbids this until it expires. */
export class OfflineLicenseActive extends ProblemError {
  override name = 'OfflineLicenseActive';
}

/** 409: the license was used, so a removal on condition that it is unused left it. */
export class LicenseUsed extends ProblemError {
  override name = 'LicenseUsed';
}

/** 410: the activation has ended; `endedReason` says why. */
export class ActivationEnded extends ProblemError<ActivationEndedProblem> {
  override name = 'ActivationEnded';
  readonly endedReason = this.problem.endedReason;
}

/** 413. */
export class PayloadTooLarge extends ProblemError {
  override name = 'PayloadTooLarge';
}

/** 415. */
export class UnsupportedMediaType extends ProblemError {
  override name = 'UnsupportedMediaType';
}

/** 429, after the retries. */
export class TooManyRequests extends ProblemError<TooManyRequestsProblem> {
  override name = 'TooManyRequests';
  readonly retryAfterSeconds = this.problem.retryAfterSeconds;
  /** The organization's limit that is reached; absent for a limit of the API key. */
  readonly limit = this.problem.limit;
}

/** 500, after the retries: an error of the service. */
export class InternalError extends ProblemError {
  override name = 'InternalError';
}

const classes: Readonly<Record<Problem['code'], new (problem: never) => ProblemError>> = {
  'invalid-request': InvalidRequest,
  unauthenticated: Unauthenticated,
  forbidden: Forbidden,
  'not-found': NotFound,
  'not-licensed': NotLicensed,
  'subscription-expired': SubscriptionExpired,
  'subscription-suspended': SubscriptionSuspended,
  'session-conflict': SessionConflict,
  'license-used': LicenseUsed,
  'license-quota-exceeded': LicenseQuotaExceeded,
  'machine-quota-exceeded': MachineQuotaExceeded,
  'limit-exceeded': LimitExceeded,
  'product-not-in-catalogue': ProductNotInCatalogue,
  'offline-license-active': OfflineLicenseActive,
  'activation-ended': ActivationEnded,
  'payload-too-large': PayloadTooLarge,
  'unsupported-media-type': UnsupportedMediaType,
  'too-many-requests': TooManyRequests,
  internal: InternalError,
};

const isKnown = (code: string): code is Problem['code'] => Object.hasOwn(classes, code);

/** Returns the error for a problem from the service. */
export const problemError = (problem: AnyProblem): ProblemError => {
  const Class = isKnown(problem.code) ? classes[problem.code] : ProblemError;
  return new Class(problem as never);
};
