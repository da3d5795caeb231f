type Values = Readonly<Record<string, unknown>>;

/** Returns the values that change, one a line: `quota: 4 -> 9`. Without a previous state all values are new. */
export const changeLines = (before: object | undefined, after: object): string[] => {
  const [old, now] = [{ ...before } as Values, { ...after } as Values];
  return Object.keys({ ...old, ...now })
    .filter((name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]))
    .map((name) => {
      const [was, becomes] = [old, now].map((values) => JSON.stringify(values[name] ?? null));
      return `${name}: ${before ? `${was} -> ` : ''}${becomes}`;
    });
};
