import { describe, expect, it } from 'vitest';
import { explore, type Step } from './explore.ts';

// Explores exhaustively the order of writes when an offline license is issued while a transfer concerns the same machine:
// the issue, which may die anywhere, its claim, which may lapse, the repetition of its request, and the transfer, which
// starts at any time. A session's move can be dropped until its commit; a license's intent until it is verified, and then
// it is completed.
interface State {
  /** The claim of the issue; `lapsed` once its lease has ended. */
  claim: 'none' | 'held' | 'lapsed' | 'closed';
  /** A license whose claim was closed is never completed. */
  license: 'none' | 'pending' | 'issued';
  issue: 'claim' | 'look' | 'record' | 'complete' | 'over';
  /** How many repetitions of the request are left. A repetition completes a pending license, or starts again. */
  repeats: number;
  crashes: number;
  transfer: 'check' | 'mark' | 'look' | 'verify' | 'commit' | 'over';
  /** The transfer's mark on the seat, or on the other user's license. */
  mark: 'none' | 'marked' | 'verified' | 'made';
  tries: number;
  /** Whether the transfer was made although the license had been issued before. */
  wrong: boolean;
}
const initial: State = {
  claim: 'none',
  license: 'none',
  issue: 'claim',
  repeats: 1,
  crashes: 1,
  transfer: 'check',
  mark: 'none',
  tries: 2,
  wrong: false,
};

interface Rules {
  of: 'session' | 'license';
  /** Whether the transfer also looks for claims after its mark. */
  transferLooks: boolean;
  /** Whether the issue looks for marks after its claim. */
  issueLooks: boolean;
  /** Whether the transfer closes a lapsed claim. */
  closes: boolean;
}
const rules: Rules = { of: 'session', transferLooks: true, issueLooks: true, closes: true };

const stepsOf =
  ({ of, transferLooks, issueLooks, closes }: Rules) =>
  (state: State, step: Step<State>) => {
    const make = (after: State) => {
      after.mark = 'made';
      after.wrong ||= after.license === 'issued';
    };
    /** Completes a pending license: holds its claim until the expiry, unless the claim is closed. */
    const complete = (after: State) => {
      if (after.license !== 'pending' || after.claim === 'closed') return;
      after.claim = 'held';
      after.license = 'issued';
    };
    /** Looks for offline claims; refuses the transfer if there is one. */
    const lookForClaims = (after: State, next: State['transfer']) => {
      if (after.claim === 'lapsed' && closes) after.claim = 'closed';
      const isRefused = after.claim === 'held';
      if (isRefused && after.mark === 'marked') after.mark = 'none';
      after.transfer = isRefused ? 'over' : next;
    };

    const { issue, transfer } = state;
    if (issue === 'claim')
      step('issue: claims a seat', (after) => {
        after.claim = 'held';
        after.issue = issueLooks ? 'look' : 'record';
      });
    if (issue === 'look')
      step('issue: settles the transfer', (after) => {
        if (after.mark === 'marked') after.mark = 'none';
        if (after.mark === 'verified') make(after);
        after.issue = 'record';
      });
    if (issue === 'record')
      step('issue: records the license as pending', (after) => {
        after.license = 'pending';
        after.issue = 'complete';
      });
    if (issue === 'complete')
      step('issue: completes it', (after) => {
        complete(after);
        after.issue = 'over';
      });
    if (state.crashes > 0 && !['claim', 'over'].includes(issue))
      step('issue: dies', (after) => {
        after.issue = 'over';
        after.crashes--;
      });
    // The lease may end at any time, by some clock.
    if (state.claim === 'held' && state.license !== 'issued')
      step('the time of the claim ends', (after) => {
        after.claim = 'lapsed';
      });
    if (state.repeats > 0 && issue === 'over' && state.claim === 'closed')
      step('repetition: begins anew', (after) => {
        Object.assign(after, { claim: 'none', license: 'none', issue: 'claim' });
        after.repeats--;
      });
    if (state.repeats > 0 && state.license === 'pending')
      step('repetition: completes the license', (after) => {
        complete(after);
        after.repeats--;
      });

    if (transfer === 'check') step('transfer: looks for claims', (after) => lookForClaims(after, 'mark'));
    if (transfer === 'mark')
      step('transfer: marks', (after) => {
        after.mark = 'marked';
        after.transfer = transferLooks ? 'look' : of === 'license' ? 'verify' : 'commit';
      });
    if (transfer === 'look')
      step('transfer: looks for claims again', (after) => lookForClaims(after, of === 'license' ? 'verify' : 'commit'));
    const again = (after: State) => {
      after.tries--;
      after.transfer = after.tries > 0 ? 'check' : 'over';
    };
    if (transfer === 'verify')
      step('transfer: marks its intent as verified', (after) => {
        if (after.mark !== 'marked') return again(after);
        after.mark = 'verified';
        after.transfer = 'commit';
      });
    if (transfer === 'commit')
      step('transfer: commits', (after) => {
        if (after.mark === (of === 'license' ? 'verified' : 'marked')) make(after);
        else if (after.mark !== 'made') return again(after);
        after.transfer = 'over';
      });
  };

const violations = ({ wrong }: State): string[] => (wrong ? ['made although an offline license was issued'] : []);
const violated = (changes: Partial<Rules>) =>
  Object.keys(explore(initial, stepsOf({ ...rules, ...changes }), violations).violated);

describe.each(['session', 'license'] as const)('a transfer of a %s while an offline license is issued', (of) => {
  it('is made before the license is issued, or never', () => {
    const { states, violated: found } = explore(initial, stepsOf({ ...rules, of }), violations);
    expect(found).toEqual({});
    expect(states).toBeGreaterThan(100);
  });
  it.each([
    ['the transfer did not look for claims again', { transferLooks: false }],
    ['the issue did not look for transfers', { issueLooks: false }],
    ['a lapsed claim were left open', { closes: false }],
  ])('could be made after that, if %s', (_, changes) => {
    expect(violated({ of, ...changes })).toEqual(['made although an offline license was issued']);
  });
});
