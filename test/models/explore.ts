/** One step that may come next: what happens, and the state after it. */
export type Step<S> = [label: string, after: S];

/**
 * Visits every state that can be reached, breadth first, and checks each.
 *
 * @param stepsOf every step that may come next, in whatever order the world likes
 * @param violations what is wrong in a state
 * @returns how many states there are, and each violation with the shortest way to it
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
