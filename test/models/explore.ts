/** Makes one possible next step of a state: its description, and what changes. */
export type Step<S> = (label: string, change: (after: S) => unknown) => void;

/**
 * Visits every reachable state, breadth first, and checks each. States are the same if their JSON is the same.
 *
 * @param stepsOf makes all possible next steps of a state
 * @param violations returns the rules that a state violates; `atRest` is true if the state has no next step
 * @param sought the search ends once it has found these violations; without any it visits all states
 * @returns the number of states, and for each violation the shortest sequence of steps to it
 */
export const explore = <S>(
  initial: S,
  stepsOf: (state: S, step: Step<S>) => void,
  violations: (state: S, atRest: boolean) => string[],
  sought: readonly string[] = [],
): { states: number; violated: Record<string, string> } => {
  const begin = JSON.stringify(initial);
  // A Map keeps its order, so that it is the queue too.
  const from = new Map<string, { before: string; label: string } | undefined>([[begin, undefined]]);
  const trace = (key: string): string => {
    const steps: string[] = [];
    for (let step = from.get(key); step; step = from.get(step.before)) steps.unshift(step.label);
    return steps.join(' > ');
  };
  const violated: Record<string, string> = {};
  for (const key of from.keys()) {
    const state: S = JSON.parse(key);
    let atRest = true;
    stepsOf(state, (label, change) => {
      atRest = false;
      // Twice as fast as `structuredClone`.
      const after: S = JSON.parse(key);
      change(after);
      const afterKey = JSON.stringify(after);
      if (!from.has(afterKey)) from.set(afterKey, { before: key, label });
    });
    for (const violation of violations(state, atRest)) violated[violation] ??= trace(key);
    if (sought.length > 0 && sought.every((violation) => violation in violated)) break;
  }
  return { states: from.size, violated };
};
