/** Why an entry of a batch was refused; undefined if it was accepted. */
export type EntryError = Error | undefined;

/**
 * Returns a function that sends concurrent entries in batches. Each call settles with the result of its own entry.
 *
 * @param size the most entries in one request
 * @param send returns for each entry its error, if any; throws if all failed
 */
export const batched = <T>(size: number, send: (entries: readonly T[]) => Promise<readonly EntryError[]>) => {
  interface Waiting {
    entry: T;
    settle: (error: EntryError) => void;
  }
  let waiting: Waiting[] = [];

  const flush = async (batch: readonly Waiting[]) => {
    try {
      const errors = await send(batch.map(({ entry }) => entry));
      batch.forEach(({ settle }, index) => {
        settle(errors[index]);
      });
    } catch (error) {
      for (const { settle } of batch) settle(error as Error);
    }
  };
  const flushAll = () => {
    const all = waiting;
    waiting = [];
    for (let start = 0; start < all.length; start += size) void flush(all.slice(start, start + size));
  };

  return (entry: T): Promise<void> =>
    new Promise((resolve, reject) => {
      // The first entry starts a batch.
      if (waiting.length === 0) setTimeout(flushAll, collectMs);
      waiting.push({ entry, settle: (error) => (error ? reject(error) : resolve()) });
    });
};

/** How long a batch collects entries, ms. */
const collectMs = 5;
