/** What an entry of a batch was refused for. */
export type EntryError = Error | undefined;

/**
 * Sends what is asked for at about the same time together. Each caller learns what became of its own entry.
 *
 * @param size at most so many entries in one request
 * @param send answers for each entry why it was refused; it throws if all were
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
      // The first one's turn of the event loop collects the others.
      if (waiting.length === 0) setTimeout(flushAll, collectMs);
      waiting.push({ entry, settle: (error) => (error ? reject(error) : resolve()) });
    });
};

/** For how long entries are collected, ms. */
const collectMs = 5;
