import { below, chance, pick } from '../../explore/random.ts';
import type { Call } from '../check/log.ts';
import { type Member, type Product, pathOf, pause, type World } from './world.ts';

/** A session as its runner knows it. */
interface Session {
  id: string;
  member: Member;
  machine: string;
  seat: number;
  fence: number;
}

let sessions = 0;

const activate = (
  world: World,
  product: Product,
  session: { id: string; member: Member; machine: string },
  waitSeconds = 0,
) =>
  world.recorder.call(
    {
      op: 'activate',
      product: product.name,
      session: session.id,
      user: session.member.userId,
      machine: session.machine,
      ...(waitSeconds > 0 && { waits: true }),
    },
    {
      method: 'POST',
      path: `${pathOf(world, product.name)}/activations`,
      token: session.member.key,
      body: { machineId: session.machine, sessionId: session.id, ...(waitSeconds > 0 && { waitSeconds }) },
      // Some answers are lost, and some clients give up early, as if they had crashed.
      ...(chance(world.random, 0.04) && { losesAnswer: true }),
      ...(chance(world.random, 0.005) && { patienceMs: 20 + below(world.random, 60) }),
    },
  );

const heartbeat = (world: World, product: Product, { id, member, seat, fence }: Session) =>
  world.recorder.call(
    { op: 'heartbeat', product: product.name, session: id, user: member.userId, seat, fence },
    {
      method: 'POST',
      path: `${pathOf(world, product.name)}/activations/${id}/heartbeat`,
      token: member.key,
      body: { seat, fence },
      ...(chance(world.random, 0.03) && { losesAnswer: true }),
    },
  );

const release = (world: World, product: Product, { id, member, fence }: Session, withFence: boolean) =>
  world.recorder.call(
    { op: 'release', product: product.name, session: id, user: member.userId, ...(withFence && { fence }) },
    {
      method: 'DELETE',
      path: `${pathOf(world, product.name)}/activations/${id}${withFence ? `?fence=${fence}` : ''}`,
      token: member.key,
    },
  );

const isHeld = ({ status }: Call): boolean => status === 200 || status === 201;

/** Activates, twice at once now and then, and repeats a request without an answer. */
const begin = async (world: World, product: Product, session: Omit<Session, 'seat' | 'fence'>): Promise<Call> => {
  const { random } = world;
  // With a place in the queue some runners lose interest; without one most are refused.
  const waitSeconds = product.waits && chance(random, 0.85) ? 20 + below(random, 40) : 0;
  for (let tries = 0; ; tries++) {
    const copies = chance(random, 0.15) ? 2 : 1;
    const calls = await Promise.all(
      Array.from({ length: copies }, () => activate(world, product, session, waitSeconds)),
    );
    const call = calls.find(isHeld) ?? (calls[0] as Call);
    if (world.isOver()) return call;
    if (call.status === 202) {
      // A few runners stay away, so that their places die.
      if (chance(random, 0.03)) return call;
      await pause(800 + below(random, 2_500));
    } else if (call.status === null || call.status >= 500 || call.status === 429) {
      if (tries > 4 && waitSeconds === 0) return call;
      await pause(100 + below(random, 400));
    } else return call;
  }
};

/** Runs one session from its activation to its end. */
const runSession = async (world: World, product: Product, member: Member): Promise<void> => {
  const { random } = world;
  sessions++;
  const session: Session = {
    id: `${product.name.toLowerCase()}-${sessions}`,
    member,
    machine: pick(random, product.machines),
    seat: 0,
    fence: 0,
  };
  const running = world.running.get(product.name);
  for (let lives = 0; lives < 3 && !world.isOver(); lives++) {
    const call = await begin(world, product, session);
    if (!isHeld(call) || !call.answer?.seat || !call.answer.fence)
      return pause((1_000 + below(random, 4_000)) / world.pace);
    session.seat = call.answer.seat;
    session.fence = call.answer.fence;
    running?.set(session.id, { user: member.userId, machine: session.machine });
    const outcome = await keep(world, product, session);
    running?.delete(session.id);
    if (outcome === 'gone') return;
    // A process with the old fence wakes up late.
    if (chance(random, 0.2)) await heartbeat(world, product, session);
    if (outcome === 'ended' && chance(random, 0.6)) return;
    await pause(below(random, 1_000));
  }
};

/** Heartbeats until the session ends, by itself or not. `gone`: its runner has crashed. */
const keep = async (world: World, product: Product, session: Session): Promise<'ended' | 'gone' | 'lapsed'> => {
  const { random } = world;
  const beats = below(random, 6);
  for (let beat = 0; beat < beats && !world.isOver(); beat++) {
    const late = chance(random, 0.06);
    await pause((late ? product.leaseSeconds * 1000 : 0) + (500 + below(random, 2_000)) / world.pace);
    if (chance(random, 0.04)) return 'gone';
    const renews = chance(random, 0.15);
    const call = renews ? await activate(world, product, session) : await heartbeat(world, product, session);
    if (isHeld(call) && call.answer?.seat && call.answer.fence) {
      // A renewal by activation may be a new activation.
      session.seat = call.answer.seat;
      session.fence = call.answer.fence;
    } else if (call.status === 410) return 'lapsed';
    else if (call.status !== null && call.status < 500 && call.status !== 429) return 'ended';
  }
  await pause(below(random, 800) / world.pace);
  if (chance(random, 0.25)) return 'gone';
  const done = await release(world, product, session, chance(random, 0.7));
  if (done.status !== 204 && chance(random, 0.8)) await release(world, product, session, true);
  return 'ended';
};

/** Runs one session after another, until the run is over. */
export const runner = async (world: World, product: Product): Promise<void> => {
  while (!world.isOver()) {
    const present = world.members.filter(({ isGone }) => !isGone);
    await runSession(world, product, pick(world.random, present));
    await pause(below(world.random, 400) / world.pace);
  }
};
