import fc from 'fast-check';
import { createOrganization } from '../../../shared/contracts/create-organization.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { grantLicense } from '../../../shared/contracts/grant-license.ts';
import { listProducts } from '../../../shared/contracts/list-products.ts';
import { removeProduct } from '../../../shared/contracts/remove-product.ts';
import { setLimits } from '../../../shared/contracts/set-limits.ts';
import { setSubscription } from '../../../shared/contracts/set-subscription.ts';
import { clock, mint, stamp } from '../support/harness.ts';
import { longPage, type Service } from './call.ts';
import { keys } from './keys.ts';
import { licensedUsers } from './licensed-users.ts';
import { machines } from './machines.ts';
import { invitations, members } from './members.ts';
import { offlineLicenses } from './offline-licenses.ts';
import { firstLimits, organizations } from './organizations.ts';
import { recoveries } from './recoveries.ts';
import { reports } from './reports.ts';
import { Schedule } from './schedule.ts';
import { sessions } from './sessions.ts';
import type { Model, Organization, Person, Role } from './state.ts';
import { bodyOf, expectFigures, firstTerms, sell, subscriptions } from './subscriptions.ts';
import { webhooks } from './webhooks.ts';

/** A call, or a step of time. */
export type Command = fc.AsyncCommand<Model, Service>;

/** The time passes: leases, keys, invitations and offline licenses end. */
class Wait implements Command {
  private readonly minutes: number;
  constructor(minutes: number) {
    this.minutes = minutes;
  }
  check = (): boolean => true;
  async run({ organizations: all }: Model, { story, schedule }: Service): Promise<void> {
    await schedule.note();
    clock.advance(this.minutes * 60_000);
    story.push(`${this.minutes} minutes pass`);
    for (const organization of all) {
      // Nobody polls meanwhile.
      for (const pool of organization.pools.values()) Object.assign(pool, { queue: [], isQueueDoubtful: false });
      for (const key of organization.keys) key.isDue = key.isRevoked;
      for (const recovery of organization.recoveries) recovery.isDue = recovery.completedAs !== undefined;
    }
  }
  toString = (): string => `${this.minutes} minutes pass`;
}

/** The calls by domain, with how often each domain has its turn. */
const domains = [
  { weight: 22, all: sessions },
  { weight: 8, all: licensedUsers },
  { weight: 4, all: machines },
  { weight: 5, all: offlineLicenses },
  { weight: 6, all: subscriptions },
  { weight: 6, all: members },
  { weight: 7, all: invitations },
  { weight: 8, all: keys },
  { weight: 5, all: webhooks },
  { weight: 6, all: recoveries },
  { weight: 3, all: organizations },
  { weight: 2, all: reports },
];

/** Every operation that has a call. */
export const called = domains.flatMap(({ all }) => all.map(({ operation }) => operation.name));

const command: fc.Arbitrary<Command> = fc.oneof(
  ...domains.map(({ weight, all }) => ({ weight, arbitrary: fc.oneof(...all) })),
  { weight: 3, arbitrary: fc.constantFrom(20, 45, 45, 120, 25 * 60).map((minutes): Command => new Wait(minutes)) },
  { weight: 1, arbitrary: fc.constant(new Schedule()) },
);

const present = <T>(all: readonly (T | null)[]): T[] => all.filter((one) => one !== null);
const group = fc.array(fc.option(command, { freq: 50 }), { minLength: 10, maxLength: 10 }).map(present);

/**
 * Runs of so many groups of calls: a failing run loses groups first, then single calls. These are no `fc.commands`: every call is
 * always possible, so seed and path alone repeat a run.
 */
export const runs = (length: number): fc.Arbitrary<Command[]> =>
  fc
    .array(fc.option(group, { freq: 1000 }), { minLength: length, maxLength: length })
    .map((groups) => present(groups).flat());

const expectAllFigures = async ({ world }: Service, { id, pools }: Organization, only?: string): Promise<void> => {
  for (const pool of pools.values()) {
    if (only !== undefined && pool.product !== only) continue;
    const path = { organizationId: id, product: pool.product };
    expectFigures(await world.got(200, getSubscription, { as: 'vendor', path }), pool, Date.now());
  }
};

/** Makes two organizations with members in every role, one of whom is in both, and an outsider. */
export const start = async (
  world: Service['world'],
  schedule: Service['schedule'],
): Promise<{ model: Model; real: Service }> => {
  Object.assign(clock, { ahead: 0, stoppedAt: undefined });
  clock.stoppedAt = Date.now();
  const tag = stamp().slice(0, 6);
  const made = async (name: string): Promise<Organization> => {
    const ownerEmail = `${name}-owner-${tag}@example.com`;
    const { id } = await world.got(201, createOrganization, { as: 'vendor', body: { name, ownerEmail } });
    const path = { organizationId: id };
    await world.got(200, setLimits, { as: 'vendor', path, body: firstLimits });
    return {
      ...{ id, members: new Map(), former: new Set(), keys: [], invitations: [], webhooks: [], recoveries: [] },
      ...{ pools: new Map(), events: [], limits: firstLimits, counts: new Map(), requests: [] },
    };
  };
  const [one, other] = [await made('one'), await made('other')];
  const people: Person[] = [];
  const join = async (person: Person, organization: Organization, role: Role) => {
    if (role !== 'owner') await world.addMember(person.email, role, organization.id);
    const joinedAt = Date.now();
    organization.members.set(person.userId, { userId: person.userId, email: person.email, role, joinedAt });
    organization.events.push(`member.added ${person.userId}`);
  };
  const signIn = async (name: string): Promise<Person> => {
    const email = `${name}-${tag}@example.com`;
    const bearer = await mint({ sub: `${name}-${tag}`, email, email_verified: true });
    const person = { email, bearer, userId: await world.userId({ bearer }) };
    people.push(person);
    return person;
  };
  await join(await signIn('one-owner'), one, 'owner');
  await join(await signIn('other-owner'), other, 'owner');
  const [both, user] = [await signIn('both'), await signIn('user')];
  await join(await signIn('admin'), one, 'admin');
  await join(await signIn('billing'), one, 'billing-manager');
  await join(user, one, 'user');
  await join(both, one, 'user');
  await join(both, other, 'admin');
  await signIn('outsider');

  for (const { product } of (await world.got(200, listProducts, { as: 'vendor', query: longPage })).items)
    await world.got(204, removeProduct, { as: 'vendor', path: { product } });
  for (const [organization, product] of [
    [one, 'FLO'],
    [one, 'USR'],
    [other, 'FLO'],
  ] as const) {
    const path = { organizationId: organization.id, product };
    const body = bodyOf(product, firstTerms, Date.now());
    await world.got(201, setSubscription, { as: 'vendor', path, body });
    sell(organization, product, firstTerms, Date.now());
  }
  const ofUser = { organizationId: one.id, product: 'USR', userId: user.userId };
  await world.got(201, grantLicense, { as: { bearer: people[0]?.bearer ?? '' }, path: ofUser });
  one.pools.get('USR')?.events.push(`license.granted ${user.userId}`);
  one.pools.get('USR')?.licensed.add(user.userId);
  one.pools.get('USR')?.everLicensed.add(user.userId);
  const bearer = world.credential('vendor');
  const vendor = { email: 'vendor@vendor.example', bearer, userId: await world.userId('vendor') };
  const addresses = new Map(people.map(({ email, userId }) => [email, userId]));
  // Each person has a second sign-in, which no organization knows.
  for (const { email } of [...people]) {
    const again = await mint({ sub: `again-${email}`, email, email_verified: true });
    people.push({ email, bearer: again, userId: '' });
  }
  const model: Model = { organizations: [one, other], people, vendor, catalogue: new Set(), addresses };
  const real: Service = {
    world,
    story: [],
    schedule,
    check: async (_, touched, product) => {
      if (product !== undefined) await expectAllFigures(real, touched, product);
    },
  };
  return { model, real };
};

/** Compares the figures of all subscriptions with the model. */
export const expectEverything = async ({ organizations: all }: Model, real: Service): Promise<void> => {
  for (const organization of all) await expectAllFigures(real, organization);
};
