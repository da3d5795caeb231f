import { describe, expect, it } from 'vitest';
import { explore, type Step } from '../explore.ts';

// Explores exhaustively how owners come and go, by writes of one item each: ends of ownership (a demotion, a removal), new
// owners, a recovery that hands A's membership to N, the schedule, one crash. A member's item tells whether the member is an
// owner; the set bounds the ends.
type User = 'A' | 'B' | 'N';
interface Member {
  owner: boolean;
  /** Each write of the item raises it. */
  revision: number;
  /** Whether the recovery has made this member. */
  recovered?: true;
}
interface Worker {
  does: 'end' | 'make' | 'count' | 'recover';
  user: User;
  at: 'begin' | 'leave' | 'end' | 'make' | 'count' | 'touch' | 'add' | 'replace' | 'swap' | 'join' | 'done';
  /** As the worker read it. */
  revision?: number;
  version?: number;
}
interface State {
  members: Record<User, Member>;
  set: User[];
  version: number;
  workers: Worker[];
  crashes: number;
  /** Whether A's membership has ended for N's. */
  handedOver: boolean;
}
interface Rules {
  /** Whether an owner raises its own revision before it joins the set. */
  touches?: boolean;
  /** Whether an owner joins the set only if the set is as read. */
  versioned?: boolean;
  /** Whether an owner leaves the set before its ownership ends. */
  leavesFirst?: boolean;
  /** Whether the recovered member takes its place in the set before it becomes an owner. */
  swapsFirst?: boolean;
}

const owner: Member = { owner: true, revision: 1 };
const state = (set: User[], workers: [Worker['does'], User][]): State => ({
  members: { A: owner, B: owner, N: { owner: false, revision: 0 } },
  set,
  version: 0,
  workers: workers.map(([does, user]) => ({ does, user, at: does === 'count' ? 'count' : 'begin' })),
  crashes: 1,
  handedOver: false,
});
/** Two owners end each other. */
const two = state(
  ['A', 'B'],
  [
    ['end', 'A'],
    ['end', 'B'],
    ['make', 'B'],
    ['count', 'B'],
  ],
);
/** B has just become an owner, twice at once, and is not in the set yet. */
const fresh = state(
  ['A'],
  [
    ['count', 'B'],
    ['count', 'B'],
    ['end', 'B'],
    ['end', 'A'],
  ],
);
const recovery = state(
  ['A', 'B'],
  [
    ['recover', 'A'],
    ['recover', 'A'],
    ['end', 'B'],
    ['end', 'N'],
    ['end', 'A'],
  ],
);
/** The sole owner is recovered, and B becomes an owner. */
const sole: State = {
  ...state(
    ['A'],
    [
      ['recover', 'A'],
      ['make', 'B'],
      ['end', 'A'],
      ['end', 'N'],
    ],
  ),
  members: { A: owner, B: { owner: false, revision: 1 }, N: { owner: false, revision: 0 } },
};

const stepsOf =
  ({ touches = true, versioned = true, leavesFirst = true, swapsFirst = true }: Rules = {}) =>
  ({ members, set, version, workers, crashes, handedOver }: State, make: Step<State>) => {
    const put = (after: State, user: User, changes: Partial<Member>) =>
      Object.assign(after.members[user], changes, { revision: after.members[user].revision + 1 });
    const leaves = (after: State, user: User) => {
      after.set = after.set.filter((one) => one !== user);
      after.version++;
    };
    for (const [index, { does, user, at, ...read }] of workers.entries()) {
      const member = members[user];
      const isAsRead = member.revision === read.revision && member.owner;
      const step = (
        label: string,
        next: Partial<Worker> & Pick<Worker, 'at'>,
        change: (after: State) => unknown = () => {},
      ) =>
        make(`${does} ${user}: ${label}`, (after) => {
          change(after);
          after.workers[index] = { does, user, ...next };
          if (next.at === 'done') after.workers.splice(index, 1);
        });
      if (at !== 'begin' && crashes > 0) step(`dies before ${at}`, { at: 'done' }, (after) => after.crashes--);
      const now = { revision: member.revision, version };
      switch (at) {
        case 'begin':
          if (does === 'recover') {
            if (handedOver) step('goes on', { at: 'replace' });
            else if (!member.owner) step('finds no owner', { at: 'done' });
            else
              step('hands over', { at: swapsFirst ? 'replace' : 'join' }, (after) => {
                put(after, user, { owner: false });
                after.handedOver = true;
              });
          } else if (does === 'end')
            step('reads', member.owner ? { at: leavesFirst ? 'leave' : 'end', ...now } : { at: 'done' });
          else step('reads', member.owner ? { at: 'count' } : { at: 'make', ...now });
          break;
        case 'leave':
          if (set.length > 1 || !set.includes(user))
            step('leaves the set', leavesFirst ? { at: 'end', ...read } : { at: 'done' }, (after) =>
              leaves(after, user),
            );
          else step('is the last', { at: 'done' });
          break;
        case 'end':
          if (!isAsRead) step('finds it changed', { at: 'count' });
          else if (leavesFirst || set.length > 1 || !set.includes(user))
            step('ends the ownership', leavesFirst ? { at: 'done' } : { at: 'leave' }, (after) =>
              put(after, user, { owner: false }),
            );
          else step('is the last', { at: 'done' });
          break;
        case 'make':
          if (member.revision === read.revision)
            step('makes the owner', { at: 'count' }, (after) => put(after, user, { owner: true }));
          else step('finds it changed', { at: 'done' });
          break;
        case 'count':
          if (!member.owner || set.includes(user)) step('has nothing to count', { at: 'done' });
          else step('looks', { at: touches ? 'touch' : 'add', ...now });
          break;
        case 'touch':
          if (isAsRead) step('raises the revision', { at: 'add', ...read }, (after) => put(after, user, {}));
          else step('finds it changed', { at: 'count' });
          break;
        case 'add':
          if (version === read.version || !versioned)
            step('joins the set', { at: 'done' }, (after) => {
              after.set = [...new Set([...after.set, user])].sort();
              after.version++;
            });
          else step('finds another set', { at: 'count' });
          break;
        case 'replace':
          if (members.N.recovered && swapsFirst) step('finds it done', { at: 'done' });
          else if (set.includes('N') && !set.includes(user)) step('is replaced', { at: swapsFirst ? 'join' : 'done' });
          else step('looks', { at: 'swap', ...now });
          break;
        case 'swap':
          if (version !== read.version) step('finds another set', { at: 'replace' });
          else
            step('gives its place to N', { at: swapsFirst ? 'join' : 'done' }, (after) => {
              after.set = [...after.set.filter((one) => one !== user), 'N'];
              after.version++;
            });
          break;
        case 'join':
          step('makes N the owner', { at: swapsFirst ? 'done' : 'replace' }, (after) => {
            if (!members.N.recovered) put(after, 'N', { owner: true, recovered: true });
          });
      }
    }
    // The schedule finishes what dead workers left.
    if (workers.length > 0) return;
    const schedule = (does: 'recover' | 'count', user: User) =>
      make(`schedule: ${does} ${user}`, (after) =>
        after.workers.push({ does, user, at: does === 'count' ? 'count' : 'begin' }),
      );
    if (handedOver && !members.N.recovered) schedule('recover', 'A');
    else
      for (const user of ['A', 'B', 'N'] as const)
        if (members[user].owner && !set.includes(user)) schedule('count', user);
  };

const violations = ({ members, set, handedOver }: State, atRest: boolean): string[] => {
  const owners = (['A', 'B', 'N'] as const).filter((user) => members[user].owner);
  const wrong: string[] = [];
  if (owners.length === 0 && !(handedOver && !members.N.recovered)) wrong.push('nobody owns the organization');
  if (!atRest) return wrong;
  if (handedOver && !members.N.recovered) wrong.push('a recovery that is half done');
  if (owners.some((user) => !set.includes(user))) wrong.push('an owner outside the set');
  if (set.some((user) => !owners.includes(user))) wrong.push('a former owner in the set');
  return wrong;
};

describe('the owners of an organization', () => {
  it.each<[string, State]>([
    ['end each other', two],
    ['end while one is new', fresh],
    ['end while a recovery replaces one', recovery],
    ['come and go while the sole one is recovered', sole],
  ])('%s: one stays, and the set names all of them in the end', (_, begin) => {
    const { states, violated } = explore(begin, stepsOf(), violations);
    expect(violated).toEqual({});
    expect(states).toBeGreaterThan(300);
  });
  it.each<[string, State, Rules, string]>([
    ['an owner joined the set without a new revision', fresh, { touches: false }, 'nobody owns the organization'],
    ['an owner joined a set that changed since', fresh, { versioned: false }, 'a former owner in the set'],
    ['an owner left the set last', two, { leavesFirst: false }, 'nobody owns the organization'],
    ['a recovered owner took its place last', recovery, { swapsFirst: false }, 'nobody owns the organization'],
  ])('would be lost or miscounted, if %s', (_, begin, rules, lost) => {
    expect(explore(begin, stepsOf(rules), violations, [lost]).violated).toHaveProperty(lost);
  });
});
