import fc from 'fast-check';
import { expect } from 'vitest';
import type { Operation } from '../../../shared/contracts/operation.ts';
import { type Answer, type Call as Asked, clock, type Json, type openWorld } from '../support/harness.ts';
import { type ApiKey, type Model, type Organization, type Person, pick, type Role, roleOfKey } from './state.ts';

/** The service under test. */
export interface Service {
  world: Awaited<ReturnType<typeof openWorld>>;
  /** The calls of the run, for a failure. */
  story: string[];
  /** Compares figures and lists with the model. */
  check: (model: Model, touched: Organization, product: string | undefined) => Promise<void>;
  schedule: {
    /** Notes the changes so far with the present time: the stream function follows them as of then. */
    note: () => Promise<void>;
    /** Leaves the changes so far out. */
    forget: () => Promise<void>;
    /** Runs the stream function for all changes, then the schedule, then the stream function again. */
    run: () => Promise<void>;
  };
}

/** The callers that an operation allows, written by hand from the documents. */
type Access =
  | { to: 'anyone' | 'known' | 'signed-in' | 'vendor' }
  | { to: 'organization'; roles: readonly Role[]; vendor?: true; keys: 'activate' | 'full' | 'none' };

export const managers = ['owner', 'admin'] as const;
export const everyMember = ['owner', 'admin', 'billing-manager', 'user'] as const;
export const byManagers = { to: 'organization', roles: managers, keys: 'full' } as const;
export const byVendor = { to: 'organization', roles: [], vendor: true, keys: 'none' } as const;

/** The problems, with the status of each as documented. */
const statuses = {
  'invalid-request': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'not-licensed': 403,
  'subscription-expired': 403,
  'subscription-suspended': 403,
  'session-conflict': 409,
  'license-quota-exceeded': 409,
  'machine-quota-exceeded': 409,
  'limit-exceeded': 409,
  'product-not-in-catalogue': 409,
  'offline-license-active': 409,
  'activation-ended': 410,
  'too-many-requests': 429,
} as const;
type Code = keyof typeof statuses;
/** A status of success, or the code of a problem. */
export type Outcome = number | Code;

/** The caller as the operation sees it. */
export interface Me {
  /** Empty for the vendor, and for a sign-in without a user. */
  userId: string;
  /** The sign-in. */
  person: Person | undefined;
  email: string | undefined;
  role: Role | undefined;
  key: ApiKey | undefined;
  /** Whether it manages the licenses of others. */
  manages: boolean;
  /** The role that counts when it gives or takes roles: no API key makes or removes an owner. */
  appointsAs: Role | undefined;
}

export interface Scene {
  model: Model;
  organization: Organization;
  now: number;
}

/** A call to make, and what the model says of it. */
interface Planned extends Omit<Asked, 'as'> {
  /** The user of the thing in question, or the sign-in. */
  concerned?: string | Person | undefined;
  /** The user whose request this one repeats. */
  repeats?: string | undefined;
  /** Returns the outcome for a caller that may call the operation; several if the model cannot know more. */
  expected: (me: Me) => Outcome | readonly Outcome[];
  /** Tells the model what a successful call has done. */
  done?: (body: Json, me: Me, answer: Answer) => void | Promise<void>;
  /** Tells the model what a refusal has shown. */
  refused?: (body: Json, me: Me) => void;
}

export interface Spec<A> {
  operation: Operation;
  access: Access;
  /** The callers that ask most often. Default: a manager. `concerned`: the user that the plan names. */
  mostly?: 'vendor' | 'member' | 'manager' | 'concerned';
  args?: fc.Arbitrary<A>;
  /** How often it is called, beside the others of its domain. Default: 1. */
  weight?: number;
  plan: (scene: Scene, args: A, service: Service) => Planned | Promise<Planned>;
}

interface Draw {
  kind: 'manager' | 'member' | 'concerned' | 'key' | 'outsider' | 'foreignKey' | 'vendor' | 'nobody' | 'forged';
  /** Decides among the callers of the kind. */
  n: number;
  organization: 0 | 1;
  isMalformed: boolean;
}

interface Caller {
  told: string;
  bearer: string | undefined;
  person?: Person;
  isVendor?: boolean;
  key?: { of: Organization; key: ApiKey };
}

const drawing = (mostly: Spec<never>['mostly'] = 'manager'): fc.Arbitrary<Draw> => {
  const weights: Record<Draw['kind'], number> = {
    ...{ manager: 9, member: 9, concerned: 0, key: 10, outsider: 3, foreignKey: 1, vendor: 2, nobody: 1, forged: 1 },
    [mostly]: 50,
  };
  return fc.record({
    kind: fc.oneof(
      ...Object.entries(weights).map(([kind, weight]) => ({ weight, arbitrary: fc.constant(kind as Draw['kind']) })),
    ),
    n: fc.nat(999),
    organization: fc.constantFrom<(0 | 1)[]>(0, 0, 0, 0, 0, 1),
    isMalformed: fc.constantFrom(...Array.from({ length: 30 }, (_, n) => n === 29)),
  });
};

const callerOf = (
  { people, vendor, organizations }: Model,
  { kind, n, organization }: Draw,
  concerned: string | Person | undefined,
): Caller => {
  const here = organizations[organization];
  const there = organizations[organization === 0 ? 1 : 0];
  const roleOf = ({ userId }: Person) => here.members.get(userId)?.role;
  const person = (all: Person[]): Caller | undefined => {
    const one = pick(all, n);
    return one && { told: `${one.email} (${roleOf(one) ?? 'no member'})`, bearer: one.bearer, person: one };
  };
  const nobody = { told: 'nobody', bearer: undefined };
  const byKey = (of: Organization, all: readonly ApiKey[]): Caller | undefined => {
    const key = pick(all, n);
    return key && { told: `key ${key.id.slice(-6)} (${key.scope})`, bearer: key.bearer, key: { of, key } };
  };
  switch (kind) {
    case 'concerned': {
      if (typeof concerned === 'object') return person([concerned]) ?? nobody;
      const ofThem =
        n % 3 === 2
          ? byKey(
              here,
              here.keys.filter(({ userId }) => userId === concerned),
            )
          : undefined;
      return (
        ofThem ?? person(people.filter(({ userId }) => userId === concerned)) ?? person(people.filter(roleOf)) ?? nobody
      );
    }
    case 'manager':
      return person(people.filter((one) => ['owner', 'admin'].includes(roleOf(one) ?? ''))) ?? nobody;
    case 'member':
      return person(people.filter(roleOf)) ?? nobody;
    case 'outsider':
      return person(people.filter((one) => !roleOf(one))) ?? nobody;
    case 'key':
      return byKey(here, [...here.keys.filter((one) => roleOfKey(here, one, Date.now())), ...here.keys]) ?? nobody;
    case 'foreignKey':
      return byKey(there, there.keys) ?? nobody;
    case 'vendor':
      return { told: 'the vendor', bearer: vendor.bearer, person: vendor, isVendor: true };
    case 'forged': {
      const key = pick(here.keys, n);
      const bearer = key ? `${key.bearer.slice(0, -1)}${key.bearer.endsWith('a') ? 'b' : 'a'}` : `${vendor.bearer}x`;
      return { told: 'a forged credential', bearer };
    }
    case 'nobody':
      return nobody;
  }
};

/** Returns the refusal of a caller who may not call an operation; otherwise the caller as the operation sees it. */
const admit = (access: Access, caller: Caller, { organization, now }: Scene): Me | Code => {
  const { person, isVendor, key } = caller;
  const keyRole = key && roleOfKey(key.of, key.key, now);
  const stranger: Me = {
    userId: person?.userId ?? key?.key.userId ?? '',
    person,
    email: person?.email,
    role: undefined,
    key: key?.key,
    manages: false,
    appointsAs: undefined,
  };
  if (access.to === 'anyone') return stranger;
  if (!person && !keyRole) return 'unauthenticated';
  if (access.to !== 'organization') {
    const isAllowed = { anyone: true, known: true, vendor: isVendor, 'signed-in': person !== undefined }[access.to];
    return isAllowed ? stranger : 'forbidden';
  }
  if (isVendor && access.vendor) return { ...stranger, userId: '' };
  const ofPerson = person?.userId ? organization.members.get(person.userId)?.role : undefined;
  const role = key ? (key.of === organization ? keyRole : undefined) : ofPerson;
  if (!role) return isVendor ? 'forbidden' : 'not-found';
  if (key && (access.keys === 'none' || (key.key.scope === 'activate' && access.keys === 'full'))) return 'forbidden';
  if (!access.roles.includes(role)) return 'forbidden';
  const isManager = role === 'owner' || role === 'admin';
  return {
    ...stranger,
    role,
    manages: isManager && key?.key.scope !== 'activate',
    appointsAs: key && role === 'owner' ? 'admin' : role,
  };
};

/** One call of one caller. It is always possible: of a thing that is not there it expects a refusal. */
class Call<A> implements fc.AsyncCommand<Model, Service> {
  readonly spec: Spec<A>;
  private readonly draw: Draw;
  private readonly args: A;

  constructor(spec: Spec<A>, draw: Draw, args: A) {
    this.spec = spec;
    this.draw = draw;
    this.args = args;
  }

  check = (): boolean => true;

  async run(model: Model, service: Service): Promise<void> {
    clock.advance(10);
    const { operation, access, plan } = this.spec;
    const organization = model.organizations[this.draw.organization];
    const scene = { model, organization, now: Date.now() };
    const { expected, done, refused, concerned, repeats, ...asked } = await plan(scene, this.args, service);
    const { draw } = this;
    const caller =
      repeats !== undefined && draw.n % 4 < 3
        ? callerOf(model, { ...draw, kind: 'concerned' }, repeats)
        : callerOf(model, draw, concerned);
    const me = admit(access, caller, scene);
    const isMalformed = this.draw.isMalformed && operation.input.body !== undefined;
    const body = isMalformed ? { ...(asked.body as object), surprise: 1 } : asked.body;
    const path = {
      ...(operation.path.includes('{organizationId}') && { organizationId: organization.id }),
      ...asked.path,
    };
    const outcomes =
      isMalformed && me !== 'unauthenticated'
        ? ['invalid-request' as const]
        : [typeof me === 'string' ? me : expected(me)].flat();
    const as = caller.bearer === undefined ? 'nobody' : { bearer: caller.bearer };
    const answer = await service.world.call(operation, { ...asked, body, path, as });
    const outcome = answer.status < 400 ? answer.status : (answer.body.code as Code);
    const input = { ...path, ...asked.query, ...asked.headers, ...(body as object) };
    const line = `${caller.told}: ${operation.name} ${JSON.stringify(input)} → ${outcome}`;
    service.story.push(line);
    expect(outcomes, `The model does not expect this answer: ${JSON.stringify(answer.body)}`).toContain(outcome);
    if (answer.status >= 400) expect(answer.status).toBe(statuses[outcome as Code]);
    if (!caller.isVendor) this.expectNothingForeign(model, answer, Object.values(path));
    if (typeof me !== 'string' && !isMalformed) {
      if (answer.status < 400) await done?.(answer.body, me, answer);
      else refused?.(answer.body, me);
    }
    await service.check(model, organization, asked.path?.product);
  }

  /** The IDs of keys and invitations begin like their organization's: none of another organization appears. */
  private expectNothingForeign({ organizations }: Model, { body }: Answer, asked: readonly string[]): void {
    if (!this.spec.operation.path.includes('{organizationId}')) return;
    const other = organizations[this.draw.organization === 0 ? 1 : 0];
    const text = asked.reduce((left, one) => left.replaceAll(one, ''), JSON.stringify(body ?? ''));
    expect(text).not.toContain(other.id.slice('org_'.length));
  }

  toString = (): string => this.spec.operation.name;
}

/** Declares how to call an operation. */
export const calls = <A>(spec: Spec<A>) => ({
  operation: spec.operation,
  weight: spec.weight ?? 1,
  arbitrary: fc
    .tuple(drawing(spec.mostly), (spec.args ?? fc.constant(undefined)) as fc.Arbitrary<A>)
    .map(([draw, args]): fc.AsyncCommand<Model, Service> => new Call(spec, draw, args)),
});

/** Decides which thing of a kind a call is about. */
export const which = fc.nat(999);

/** Returns a thing of the organization, now and then of the other one, or an ID of nothing. */
export const someId = (
  { model, organization }: Scene,
  all: (of: Organization) => readonly string[],
  n: number,
): string => {
  const other = model.organizations.find((one) => one !== organization) as Organization;
  const foreign = n % 11 === 10 ? pick(all(other), n) : undefined;
  return foreign ?? pick(all(organization), n) ?? 'none';
};

/** Expects a list to have exactly these things. */
export const expectItems = <T>({ items, nextCursor }: Json, shown: (item: Json) => T, expected: readonly T[]): void => {
  expect(nextCursor).toBeUndefined();
  const sorted = (all: readonly T[]) => all.map((one) => JSON.stringify(one)).sort();
  expect(sorted(items.map(shown))).toEqual(sorted(expected));
};

/** Asks for the longest page. */
export const longPage = { limit: '200' };
