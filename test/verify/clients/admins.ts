import { below, chance, pick, weighted } from '../../explore/random.ts';
import type { Call } from '../check/log.ts';
import { isAnswered, type Product, pathOf, pause, setTerms, type World } from './world.ts';

type About = Parameters<World['recorder']['call']>[0];

/** Sends an admin's request, and repeats it until it is answered, as an admin does; some give up. */
const decide = async (world: World, about: About, request: Parameters<World['recorder']['call']>[1]): Promise<Call> => {
  for (let tries = 0; ; tries++) {
    const call = await world.recorder.call(about, request);
    if (isAnswered(call) || tries > 6 || world.isOver()) return call;
    await pause(300);
  }
};

const someSession = (world: World, product: Product) => {
  const running = [...(world.running.get(product.name) ?? [])];
  return running.length > 0 ? pick(world.random, running) : undefined;
};

const forceEnd = async (world: World, product: Product) => {
  const [session] = someSession(world, product) ?? [];
  if (!session) return;
  const path = `${pathOf(world, product.name)}/activations/${session}`;
  await decide(
    world,
    { op: 'force', product: product.name, session },
    { method: 'DELETE', path, token: world.tokens.admin },
  );
};

const transfer = async (world: World, product: Product) => {
  const [session] = someSession(world, product) ?? [];
  const machine = pick(world.random, product.machines);
  if (!session || product.licenseType === 'per-user') return;
  const path = `${pathOf(world, product.name)}/activations/${session}/transfer`;
  const body = { machineId: machine };
  await decide(
    world,
    { op: 'transfer', product: product.name, session, machine },
    { method: 'POST', path, token: world.tokens.admin, body },
  );
};

const removeMachine = async (world: World, product: Product) => {
  const machine = pick(world.random, product.machines);
  const onlyLicense = chance(world.random, 0.4);
  const path = `${pathOf(world, product.name)}/machines/${machine}${onlyLicense ? '/license' : ''}`;
  const op = onlyLicense ? 'remove-machine-license' : 'remove-machine';
  await decide(world, { op, product: product.name, machine }, { method: 'DELETE', path, token: world.tokens.admin });
};

const issue = async (world: World, product: Product) => {
  const { random, recorder } = world;
  const [machine, seconds] = [pick(random, product.machines), 8 + below(random, 20)];
  const key = `offline-${product.name}-${Math.floor(random() * 1e12)}`;
  const expiresAt = Date.now() + seconds * 1000;
  const body = { machineId: machine, expiresAt: new Date(expiresAt).toISOString() };
  const about: About = { op: 'issue', product: product.name, machine, key, expiresAt };
  const request = {
    method: 'POST',
    path: `${pathOf(world, product.name)}/offline-licenses`,
    token: world.tokens.owner,
    body,
    key,
  };
  const call = await decide(world, about, request);
  if (chance(random, 0.2)) await recorder.call(about, request);
  const id = call.answer?.id;
  if (call.status !== 201 || !id || !chance(random, 0.3)) return;
  await pause(below(random, 6_000));
  await decide(
    world,
    { op: 'void', product: product.name, license: id, machine },
    {
      method: 'POST',
      path: `${pathOf(world, product.name)}/offline-licenses/${id}/void`,
      token: world.tokens.vendor,
      body: { reason: 'A test' },
    },
  );
};

const someMember = (world: World) => pick(world.random, world.members.filter(({ isGone }) => !isGone).slice(0, 6));

const grant = async (world: World, product: Product) => {
  const { userId } = someMember(world);
  const path = `${pathOf(world, product.name)}/licensed-users/${userId}`;
  await decide(
    world,
    { op: 'grant', product: product.name, user: userId },
    { method: 'PUT', path, token: world.tokens.admin },
  );
};

const revoke = async (world: World, product: Product) => {
  const { userId } = someMember(world);
  const path = `${pathOf(world, product.name)}/licensed-users/${userId}`;
  await decide(
    world,
    { op: 'revoke', product: product.name, user: userId },
    { method: 'DELETE', path, token: world.tokens.admin },
  );
};

const transferLicense = async (world: World, product: Product) => {
  const [from, to] = [someMember(world), someMember(world)];
  if (from === to) return;
  const path = `${pathOf(world, product.name)}/licensed-users/${from.userId}/transfer`;
  await decide(
    world,
    { op: 'transfer-license', product: product.name, user: from.userId, to: to.userId },
    { method: 'POST', path, token: world.tokens.admin, body: { toUserId: to.userId } },
  );
};

/** Removes a member for good, as long as enough are left. */
const removeMember = async (world: World) => {
  const present = world.members.filter(({ isGone }) => !isGone);
  const [member] = present;
  if (!member || present.length <= 6) return;
  member.isGone = true;
  const path = `/v1/organizations/${world.organizationId}/members/${member.userId}`;
  await decide(
    world,
    { op: 'remove-member', product: '', user: member.userId },
    { method: 'DELETE', path, token: world.tokens.owner },
  );
};

const resize = async (world: World, product: Product) => {
  const [least, most] = product.quotas;
  const terms = world.terms.get(product.name);
  if (terms) await setTerms(world, product, { ...terms, quota: least + below(world.random, most - least + 1) });
};

const suspend = async (world: World, product: Product) => {
  const terms = world.terms.get(product.name);
  if (!terms) return;
  await setTerms(world, product, { ...terms, status: 'suspended' });
  await pause(500 + below(world.random, 2_500));
  await setTerms(world, product, { ...terms, status: 'active' });
};

/** The vendor lets a subscription expire, and renews it. */
const expire = async (world: World, product: Product) => {
  const terms = world.terms.get(product.name);
  if (!terms) return;
  await setTerms(world, product, { ...terms, expiresAt: Date.now() + 1_500 + below(world.random, 3_000) });
  await pause(3_000 + below(world.random, 3_000));
  await setTerms(world, product, terms);
};

/** Decides one thing after another about a product, until the run is over. */
export const admin = async (world: World, product: Product): Promise<void> => {
  const perUser = product.licenseType === 'per-user';
  const decisions: [number, (world: World, product: Product) => Promise<void>][] = [
    [3, forceEnd],
    [perUser ? 0 : 4, transfer],
    [2, removeMachine],
    [product.waits ? 0.3 : 1.5, issue],
    [0.3, removeMember],
    [perUser ? 12 : 0, grant],
    [perUser ? 4 : 0, revoke],
    [perUser ? 4 : 0, transferLicense],
  ];
  while (!world.isOver()) {
    await weighted(world.random, decisions)(world, product);
    await pause(((product.waits ? 2_000 : 300) + below(world.random, product.waits ? 6_000 : 2_000)) / world.pace);
  }
};

/** Sets the terms of a product, time and again, until the run is over. */
export const vendor = async (world: World, product: Product): Promise<void> => {
  while (!world.isOver()) {
    await pause(((product.waits ? 6_000 : 1_500) + below(world.random, 6_000)) / world.pace);
    if (world.isOver()) return;
    await weighted<typeof resize>(world.random, [
      [8, resize],
      [1, suspend],
      [0.5, expire],
    ])(world, product);
  }
};
