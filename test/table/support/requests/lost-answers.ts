import type { Table } from '../../../../shared/table/store/table.ts';
import type { Database } from '../database.ts';

/**
 * A client that loses the answer to the first try of a request: it was served, and the SDK tries it again.
 *
 * @param when which requests: by name, and by their input as JSON (default: every write)
 * @param meanwhile what happens before the SDK's second try
 */
export const losingAnswers = (
  database: Database,
  when: (name: string, input: string) => boolean = (name) => /^(Put|Update|Delete)Item$/.test(name),
  meanwhile: () => Promise<unknown> = async () => {},
): Table => {
  const lost = new Set<string>();
  return database.client({
    attempt: async ({ name, input }, send) => {
      const request = JSON.stringify(input);
      const loses = when(name, request) && !lost.has(request);
      lost.add(request);
      const output = await send();
      if (!loses) return output;
      await meanwhile();
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', name: 'TimeoutError' });
    },
  });
};
