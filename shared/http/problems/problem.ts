import { contactConfig } from '../../config.ts';
import { type ProblemCode, type ProblemFields, problemKinds, problemType } from '../../contracts/problems.ts';
import type { Lost } from '../../domain/accounts/authority.ts';
import type { KeyLimitReached, LimitReached } from '../../domain/accounts/limits.ts';
import { utc } from '../../domain/activation.ts';
import { hash32 } from '../../domain/seat.ts';

/** A wrong field of a request. */
export interface FieldError {
  pointer: string;
  detail: string;
}

/**
 * A refusal, sent as problem+json (RFC 9457). May be thrown anywhere in a handler.
 *
 * @example throw new Problem('not-found', 'There is no such subscription.')
 */
export class Problem<C extends ProblemCode = ProblemCode> extends Error {
  override name = 'Problem';
  readonly code: C;
  readonly status: number;
  readonly fields: Record<string, unknown>;

  /**
   * @param detail what was wrong and what to do, for a person
   * @param fields the additional fields of the code
   */
  constructor(
    code: C,
    detail: string,
    ...[fields]: C extends 'invalid-request'
      ? [{ errors: FieldError[] }]
      : ProblemFields<C> extends undefined
        ? []
        : [ProblemFields<C>]
  ) {
    super(detail);
    this.code = code;
    this.status = problemKinds[code].status;
    this.fields = { ...fields };
  }

  /** Returns the body of the answer. */
  body(requestId: string) {
    const { title, status } = problemKinds[this.code];
    return {
      type: problemType(this.code),
      title,
      status,
      detail: this.message,
      code: this.code,
      requestId,
      ...this.fields,
    };
  }
}

/** Returns the vendor by its contact, if the service knows one, for the sentence “Ask …”. */
export const yourVendor = (): string => {
  const { VENDOR_CONTACT: contact } = contactConfig();
  return contact === undefined ? 'your vendor' : `your vendor (${contact})`;
};

/** A 403 because of the state of a thing: the caller has the right, so the audit trail records nothing. */
export class ForbiddenByState extends Problem<'forbidden'> {
  constructor(detail: string) {
    super('forbidden', detail);
  }
}

/** A 401: the same for every credential that is missing or not valid. */
export const unauthenticated = () =>
  new Problem(
    'unauthenticated',
    'Your credential was rejected: it is missing, unknown, revoked or expired. Send `Authorization: Bearer …` with an API key ' +
      'or the token of a sign-in. You create API keys on the page under API keys.',
  );

/** A 404 for what the path names: the answer repeats it. */
export class NothingFound extends Problem<'not-found'> {
  constructor() {
    super('not-found', 'Nothing was found.');
  }
}

export const notFound = () => new NothingFound();

/** Returns what was found. Throws a 404 if there is nothing. */
export const orNotFound = <T>(found: T | undefined): T => {
  if (found === undefined) throw notFound();
  return found;
};

/** Returns the refusal of a caller who lost its right a moment ago: the same that it gets from then on. */
export const lostAuthority = (lost: Lost): Problem => {
  if (lost === 'membership') return notFound();
  if (lost === 'key') return unauthenticated();
  return new Problem(
    'forbidden',
    'Your role in this organization has just changed. Ask an owner for the role that this needs.',
  );
};

/** A 403 for an operation of owners, without API keys: a leaked key must not hand the organization over. */
export const onlyOwners = ({ keyId }: { keyId?: string }, does: string) =>
  new Problem(
    'forbidden',
    keyId === undefined ? `Only an owner ${does}.` : `No API key ${does}: an owner has to sign in for that.`,
  );

/** A 404 for a user who is no member, whether or not the user exists elsewhere. */
export const noMember = (userId: string) =>
  new Problem('not-found', `${userId} is no member of this organization. Invite them first.`);

/** A 400 about one field. */
export const invalid = (pointer: string, detail: string) =>
  new Problem('invalid-request', `${pointer}: ${detail}.`, { errors: [{ pointer, detail }] });

/**
 * A limit of the organization was reached: 429 for a rate, 409 for a number of things, and for a request that no wait helps.
 *
 * @param toDo the remedy, for a person; none helps against a limit of 0
 */
export const limitReached = ({ limit, value, endsAt }: LimitReached, toDo: string, now: number) => {
  const remedy = value > 0 ? ` ${toDo}` : '';
  const detail = `The limit ${limit} of the organization is ${value}.${remedy} To get another limit, ask ${yourVendor()}.`;
  if (endsAt === undefined) return new Problem('limit-exceeded', detail, { limit, value });
  const retryAfterSeconds = Math.max(1, Math.ceil((endsAt - now) / 1000));
  return new Problem('too-many-requests', detail, { retryAfterSeconds, limit, value });
};

/** A 409: an API key has its maximum of running or waiting sessions of a product, or a person has that of waiting ones. */
export const keyLimitReached = (
  { limit, value, nextFreeAt }: KeyLimitReached,
  { product, sessionId, now }: { product: string; sessionId: string; now: number },
) => {
  if (nextFreeAt === undefined) {
    const [whose, orElse] = limit === 'queuePlacesPerPerson' ? ['yours', ''] : ['this API key', ', or use another key'];
    return new Problem(
      'limit-exceeded',
      `${value} sessions of ${whose} wait for a ${product} license already. Come back when fewer wait${orElse}.`,
      { limit, value, retryAfterSeconds: 60 },
    );
  }
  return new Problem(
    'limit-exceeded',
    `This API key may run ${value} ${product} ${value === 1 ? 'session' : 'sessions'} at once, and does. The next may ` +
      `be free at ${utc(nextFreeAt)}. An owner or admin can change the key’s maximum.`,
    { limit, value, nextFreeAt: utc(nextFreeAt), retryAfterSeconds: retryAfterSeconds(nextFreeAt, now, sessionId) },
  );
};

/** The longest time until the next try, seconds: a release may come any time. */
const longestPause = 60;

/**
 * Returns the seconds until a session's next try: the end of the next lease, at most a minute. Each session has its own part of
 * the last quarter, so that a refused crowd does not come back at once. Before the end of the next lease no session comes, unless
 * that is more than a minute away.
 *
 * @param nextFreeAt epoch ms; null if no lease ends
 */
export const retryAfterSeconds = (nextFreeAt: number | null, now: number, sessionId: string): number => {
  const left = nextFreeAt === null ? Infinity : Math.max(1, Math.ceil((nextFreeAt - now) / 1000));
  const [first, last] =
    left > longestPause
      ? [longestPause * 0.75, longestPause]
      : [left, Math.min(longestPause, left + Math.ceil(left / 4))];
  return first + (hash32(sessionId) % (last - first + 1));
};

/** A 429 for a caller above its rate. */
export const tooFast = (value: number, retryAfterSeconds: number) =>
  new Problem('too-many-requests', `Your credential may make ${value} requests a second here. Repeat this one later.`, {
    retryAfterSeconds,
    limit: 'requestsPerSecond',
    value,
  });

/** A 429 for a change that lost against concurrent changes of the same items. */
export const contended = () =>
  new Problem('too-many-requests', 'Others are changing the same things at once. Try again.', { retryAfterSeconds: 1 });

/** A 429 for a throttled table: far too many requests for the same product at once. */
export const throttled = () =>
  new Problem(
    'too-many-requests',
    'Too many requests are made for this at once. It is safe to repeat this one, later.',
    { retryAfterSeconds: 5 },
  );
