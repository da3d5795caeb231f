/** One possible next step: its description, and the state after it. */
export type Step<S> = [label: string, after: S];

/**
 * Visits every reachable state, breadth first, and checks each.
 *
 * @param stepsOf returns all possible next steps of a state
 * @param violations returns the rules that a state violates
 * @returns the number of states, and for each violation the shortest sequence of steps to it
 */
export const explore = <S>(
  initial: S,
  stepsOf: (state: S) => Step<S>[],
  violations: (state: S) => string[],
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
      for (const violation of violations(state)) violated[violation] ??= trace(key);
      for (const [label, after] of stepsOf(state)) {
        const afterKey = JSON.stringify(after);
        if (from.has(afterKey)) continue;
        from.set(afterKey, { before: key, label });
        next.push(after);
      }
    }
    frontier = next;
  }
  return { states: from.size, violated };
};
