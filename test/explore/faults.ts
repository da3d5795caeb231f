import { chance, type Random, weighted } from './random.ts';

/** A fault of a request. */
type Fault =
  /** The process dies before the request is sent, or after DynamoDB has served it. */
  | 'dies-before'
  | 'dies-after'
  /** DynamoDB served the request, but the answer is lost: the SDK sends it again. */
  | 'answer-lost'
  /** No retry gets an answer: the request fails, though DynamoDB may have served it. */
  | 'fails-before'
  | 'fails-after'
  /** The request reaches DynamoDB once more, long after. */
  | 'copied'
  /** Other tasks go on between the answer and its arrival. */
  | 'answered-late';

/** Returns the fault of a task's nth request. */
export type Faults = (nth: number, name: string) => Fault | undefined;

export const noFaults: Faults = () => undefined;

/** How much goes wrong: the probability per task of each kind of fault. */
export interface Faultiness {
  dies: number;
  fails: number;
  lost: number;
  copied: number;
  late: number;
}

/** The faults of a task. */
export const faultsOf = (random: Random, { dies, fails, lost, copied, late }: Faultiness): Faults => {
  const end = weighted<'dies' | 'fails' | undefined>(random, [
    [dies, 'dies'],
    [fails, 'fails'],
    [1 - dies - fails, undefined],
  ]);
  const at = 1 + Math.floor(random() * random() * 16);
  const before = chance(random, 0.4);
  const again = [lost, copied, late].map((probability) => (chance(random, probability) ? 0.35 : 0));
  return (nth) => {
    if (end && nth === at) return `${end}-${before ? 'before' : 'after'}`;
    if (chance(random, again[0] as number)) return 'answer-lost';
    if (chance(random, again[1] as number)) return 'copied';
    return chance(random, again[2] as number) ? 'answered-late' : undefined;
  };
};
