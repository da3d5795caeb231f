import { describe, expect, it } from 'vitest';
import { explore, type Step } from '../explore.ts';

// Explores exhaustively the writes by which a right makes power for others, while the right ends: an invitation that is accepted
// twice at once, a role that is given to Y, the removal of the giver, a revocation, a removal of the person who accepted, the
// schedule, one crash. An end answers only once nothing that rests on the right can come to life any more.
interface Worker {
  does: 'accept' | 'give' | 'remove giver' | 'revoke' | 'remove person' | 'settle';
  at: 'begin' | 'look' | 'use' | 'join' | 'clear' | 'read' | 'write' | 'drop' | 'end' | 'stop' | 'answer' | 'done';
  revision?: number;
}
interface State {
  giver: boolean;
  invitation: { status: 'open' | 'used' | 'revoked'; joining?: number };
  person: { present: boolean; revision: number };
  role: { given: boolean; revision: number };
  noted: boolean;
  workers: Worker[];
  crashes: number;
  /** The ends that were answered. */
  answered: string[];
  wrong: string[];
}
interface Rules {
  /** Whether an end waits for the membership of a used invitation. */
  waits?: boolean;
  /** Whether a membership begins only if the person’s item is as before the use. */
  asBefore?: boolean;
  /** Whether a role is noted before its giver’s right is read. */
  notesFirst?: boolean;
  /** Whether an end raises the revision of the one who gets a role. */
  stops?: boolean;
}

const state = (...tasks: Worker['does'][]): State => ({
  giver: true,
  invitation: { status: 'open' },
  person: { present: false, revision: 0 },
  role: { given: false, revision: 1 },
  noted: false,
  workers: tasks.map((does) => ({ does, at: 'begin' })),
  crashes: 1,
  answered: [],
  wrong: [],
});
const accepting = state('accept', 'accept', 'remove giver', 'revoke', 'remove person');
const giving = state('give', 'remove giver');

const stepsOf =
  ({ waits = true, asBefore = true, notesFirst = true, stops = true }: Rules = {}) =>
  ({ giver, invitation, person, role, noted, workers, crashes }: State, make: Step<State>) => {
    for (const [index, { does, at, revision }] of workers.entries()) {
      const step = (
        label: string,
        next: Partial<Worker> & Pick<Worker, 'at'>,
        change: (after: State) => unknown = () => {},
      ) =>
        make(`${does}: ${label}`, (after) => {
          change(after);
          after.workers[index] = { does, ...next };
          if (next.at === 'done') after.workers.splice(index, 1);
        });
      const answer = (after: State) => after.answered.push(does);
      const late = (after: State, ...ends: string[]) => {
        if (ends.some((end) => after.answered.includes(end))) after.wrong.push('power after the answer of its end');
      };
      if (at !== 'begin' && crashes > 0) step(`dies before ${at}`, { at: 'done' }, (after) => after.crashes--);
      switch (at) {
        case 'begin':
          if (does === 'accept') {
            if (invitation.status === 'open') step('reads', { at: 'look', revision: person.revision });
            else step('reads', { at: invitation.joining === undefined ? 'done' : 'join' });
          } else if (does === 'give') {
            if (notesFirst)
              step('notes', { at: 'read' }, (after) => {
                after.noted = true;
              });
            else step('reads', { at: 'look', revision: role.revision });
          } else if (does === 'remove giver')
            step('ends the right', { at: 'end' }, (after) => {
              after.giver = false;
            });
          else if (does === 'revoke') step('begins', { at: 'end' });
          else if (person.present)
            step('removes', { at: 'done' }, (after) => {
              after.person = { present: false, revision: person.revision + 1 };
              answer(after);
            });
          break;
        case 'read':
          step('reads', { at: 'look', revision: role.revision });
          break;
        case 'look':
          if (!giver) step('finds no right', { at: does === 'give' && notesFirst ? 'drop' : 'done' });
          else step('finds the right', { at: does === 'give' ? 'write' : 'use', revision: revision! });
          break;
        case 'use':
          if (invitation.status !== 'open') step('is too late', { at: 'begin' });
          else
            step('uses', { at: 'join' }, (after) => {
              after.invitation = { status: 'used', joining: revision! };
            });
          break;
        case 'join': {
          const mayJoin = !person.present && (person.revision === invitation.joining || !asBefore);
          if (!mayJoin) step('joins not', { at: 'clear' });
          else
            step('joins', { at: 'clear' }, (after) => {
              after.person = { present: true, revision: person.revision + 1 };
              late(after, 'remove giver', 'revoke', 'remove person');
            });
          break;
        }
        case 'clear':
          step('clears', { at: 'done' }, (after) => {
            delete after.invitation.joining;
          });
          break;
        case 'write':
          if (role.revision !== revision) step('finds it changed', { at: 'begin' });
          else
            step('gives', { at: notesFirst ? 'drop' : 'done' }, (after) => {
              after.role = { given: true, revision: role.revision + 1 };
              late(after, 'remove giver');
            });
          break;
        case 'drop':
          step('drops the note', { at: 'done' }, (after) => {
            after.noted = false;
          });
          break;
        case 'end':
          if (invitation.status === 'open')
            step('revokes', { at: 'stop' }, (after) => {
              after.invitation.status = 'revoked';
            });
          else if (!waits || invitation.joining === undefined) step('finds it used', { at: 'stop' });
          break;
        case 'stop':
          step('stops what is given', { at: 'answer' }, (after) => {
            if (noted && stops) after.role.revision++;
            after.noted = false;
          });
          break;
        case 'answer':
          step('answers', { at: 'done' }, answer);
      }
    }
    if (workers.every(({ at }) => at === 'begin' || at === 'end') && invitation.joining !== undefined)
      make('schedule: joins', (after) => after.workers.push({ does: 'settle', at: 'join' }));
  };

const violations = ({ wrong, invitation, workers }: State, atRest: boolean): string[] => [
  ...wrong,
  ...(atRest && invitation.joining !== undefined ? ['a membership that is half done'] : []),
  ...(atRest && workers.some(({ at }) => at !== 'begin') ? ['an end that waits for ever'] : []),
];

describe('power that a right makes while it ends', () => {
  it.each<[string, State]>([
    ['a membership', accepting],
    ['a role', giving],
  ])('%s: comes before the answer of the end, or never', (_, begin) => {
    const { states, violated } = explore(begin, stepsOf(), violations);
    expect(violated).toEqual({});
    expect(states).toBeGreaterThan(20);
  });
  it.each<[string, State, Rules]>([
    ['an end did not wait for a membership under way', accepting, { waits: false }],
    ['a late write made the member of a used invitation again', accepting, { asBefore: false }],
    ['a role were noted after the look at the right', giving, { notesFirst: false }],
    ['an end did not raise the revision of who gets a role', giving, { stops: false }],
  ])('would come later, if %s', (_, begin, rules) => {
    const late = 'power after the answer of its end';
    expect(explore(begin, stepsOf(rules), violations, [late]).violated).toHaveProperty(late);
  });
});
