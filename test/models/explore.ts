/** Makes one possible next step of a state: its description, and what changes. */
export type Step<S> = (label: string, change: (after: S) => unknown) => void;

/**
 * Visits every reachable state, breadth first, and checks each.
 *
 * @param stepsOf makes all possible next steps of a state
 * @param violations returns the rules that a state violates; `atRest` is true if the state has no next step
 * @returns the number of states, and for each violation the shortest sequence of steps to it
 */
export const explore = <S>(
  initial: S,
  stepsOf: (state: S, step: Step<S>) => void,
  violations: (state: S, atRest: boolean) => string[],
): { states: number; violated: Record<string, string> } => {
  const from = new Map<string, { before: string; label: string } | undefined>([[JSON.stringify(initial), undefined]]);
  const trace = (key: string): string => {
    const steps: string[] = [];
    for (let step = from.get(key); step; step = from.get(step.before)) steps.unshift(step.label);
    return steps.join(' > ');
  };
  const violated: Record<string, string> = {};
  let frontier = [initial];
  while (frontier.length > 0) {
    const next: S[] = [];
    for (const state of frontier) {
      const key = JSON.stringify(state);
      let atRest = true;
      stepsOf(state, (label, change) => {
        atRest = false;
        const after = JSON.parse(key) as S;
        change(after);
        const afterKey = JSON.stringify(after);
        if (from.has(afterKey)) return;
        from.set(afterKey, { before: key, label });
        next.push(after);
      });
      for (const violation of violations(state, atRest)) violated[violation] ??= trace(key);
    }
    frontier = next;
  }
  return { states: from.size, violated };
};
