import { describe, expect, it } from 'vitest';
import { explore, type Step } from '../explore.ts';

// Explores exhaustively the writes of a recovery: two completions at once, a cancellation, the removals of the old member and of
// the one who consented, the schedule, one crash. The claim names the revision of the old membership; the end of that
// membership by the claim is the handover.
interface Worker {
  does: 'complete' | 'cancel' | 'remove consenter' | 'remove member' | 'settle';
  at: 'begin' | 'claim' | 'check' | 'end' | 'raise' | 'drop' | 'join' | 'close' | 'withdraw' | 'done';
  /** The revision of the old membership, as read or as claimed. */
  revision?: number;
}
interface State {
  old: { present: boolean; revision: number; handedOver?: true };
  recovery: { claim?: number; closed?: 'cancelled' | 'completed' };
  consenter: boolean;
  joined: boolean;
  workers: Worker[];
  crashes: number;
  wrong: string[];
  /** The ends that were answered. */
  answered: string[];
}
interface Rules {
  /** Whether a claim is taken back only after a new revision of the old membership. */
  raises?: boolean;
  /** Whether the removal of the one who consented raises the revision of the old membership. */
  withdraws?: boolean;
  /** Whether a cancellation heeds a claim. */
  heeds?: boolean;
}

const initial: State = {
  old: { present: true, revision: 1 },
  recovery: {},
  consenter: true,
  joined: false,
  workers: (['complete', 'complete', 'cancel', 'remove consenter', 'remove member'] as const).map((does) => ({
    does,
    at: 'begin',
  })),
  crashes: 1,
  wrong: [],
  answered: [],
};

const stepsOf =
  ({ raises = true, withdraws = true, heeds = true }: Rules = {}) =>
  ({ old, recovery, consenter, workers, crashes }: State, make: Step<State>) => {
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
      const raise = (after: State) => after.old.revision++;
      const answer = (after: State) => after.answered.push(does);
      if (at !== 'begin' && crashes > 0) step(`dies before ${at}`, { at: 'done' }, (after) => after.crashes--);
      const isAsRead = old.present && old.revision === revision;
      switch (at) {
        case 'begin':
          if (does === 'remove consenter')
            step('ends the membership', { at: 'withdraw' }, (after) => {
              after.consenter = false;
            });
          else if (does === 'remove member')
            step('reads', old.present ? { at: 'end', revision: old.revision } : { at: 'done' });
          else if (does === 'cancel') {
            if (recovery.closed) step('is too late', { at: 'done' });
            else if (recovery.claim !== undefined && heeds)
              step('meets a claim', { at: 'raise', revision: recovery.claim });
            else
              step('cancels', { at: 'done' }, (after) => {
                after.recovery.closed = 'cancelled';
                answer(after);
              });
          } else if (recovery.closed) step('is too late', { at: 'done' });
          else if (recovery.claim !== undefined) step('goes on', { at: 'check', revision: recovery.claim });
          else if (!old.present || !consenter) step('finds it void', { at: 'done' });
          else step('reads', { at: 'claim', revision: old.revision });
          break;
        case 'claim':
          if (recovery.closed || recovery.claim !== undefined) step('is too late', { at: 'begin' });
          else
            step('claims', { at: 'check', revision: revision! }, (after) => {
              after.recovery.claim = revision!;
            });
          break;
        case 'check':
          step('looks', { at: isAsRead && consenter ? 'end' : 'raise', revision: revision! });
          break;
        case 'end': {
          const removes = does === 'remove member';
          if (!isAsRead) step('finds it changed', removes ? { at: 'begin' } : { at: 'raise', revision: revision! });
          else
            step('ends the old membership', removes ? { at: 'done' } : { at: 'join' }, (after) => {
              after.old.present = false;
              raise(after);
              if (removes) answer(after);
              else {
                after.old.handedOver = true;
                if (after.answered.length > 0) after.wrong.push('a handover after the answer that stops it');
              }
            });
          break;
        }
        case 'raise':
          if (old.handedOver) step('finds it handed over', { at: does === 'cancel' ? 'done' : 'join' });
          else
            step(
              'raises the revision',
              { at: 'drop', revision: revision! },
              (after) => isAsRead && raises && raise(after),
            );
          break;
        case 'drop':
          step('drops the claim', { at: does === 'cancel' ? 'begin' : 'done' }, (after) => {
            if (recovery.claim === revision) delete after.recovery.claim;
          });
          break;
        case 'join':
          step('joins', { at: 'close' }, (after) => {
            after.joined = true;
          });
          break;
        case 'close':
          step('completes', { at: 'done' }, (after) => {
            if (recovery.claim === undefined) return;
            after.recovery = { closed: 'completed' };
          });
          break;
        case 'withdraw':
          step('withdraws', { at: 'done' }, (after) => {
            if (withdraws && old.present && recovery.claim !== undefined) raise(after);
            answer(after);
          });
      }
    }
    if (workers.length === 0 && recovery.claim !== undefined)
      make('schedule: goes on', (after) =>
        after.workers.push({ does: 'settle', at: 'check', revision: recovery.claim! }),
      );
  };

const violations = ({ old, recovery, joined, wrong }: State, atRest: boolean): string[] => [
  ...wrong,
  ...(atRest && recovery.claim !== undefined ? ['a claim that is left for ever'] : []),
  ...(atRest && (old.handedOver ?? false) !== (joined && recovery.closed === 'completed') ? ['half a handover'] : []),
];

describe('a recovery', () => {
  it('hands the membership over as a whole, and never after the answer that stops it', () => {
    const { states, violated } = explore(initial, stepsOf(), violations);
    expect(violated).toEqual({});
    expect(states).toBeGreaterThan(1000);
  });
  it.each<[string, Rules]>([
    ['a claim were taken back without a new revision of the membership', { raises: false }],
    ['the removal of the one who consented did not raise the revision', { withdraws: false }],
    ['a cancellation did not heed a claim', { heeds: false }],
  ])('would come after that answer, if %s', (_, rules) => {
    const late = 'a handover after the answer that stops it';
    expect(explore(initial, stepsOf(rules), violations, [late]).violated).toHaveProperty(late);
  });
});
