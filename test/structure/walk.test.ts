import { expect, it } from 'vitest';
import { startActivation } from '../../shared/table/activations/activations.ts';
import type { Table } from '../../shared/table/store/table.ts';

/** Returns the calls that led here, the innermost first. */
const callsHere = (): string[] => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 100;
  const lines = (new Error().stack ?? '').split('\n');
  Error.stackTraceLimit = stackTraceLimit;
  return lines.filter((line) => line.includes('/shared/') && !line.includes('Promise.all'));
};

it('an activation reads first, at most 8 calls below its handler', async () => {
  const walks: string[][] = [];
  const send = async () => {
    walks.push(callsHere());
    throw new Error('far enough');
  };
  const table = { name: 'Leasehold', actor: 'service#tests', client: { send } } as unknown as Table;
  const pool = { organizationId: 'org_1', product: 'KRE' };
  const request = { sessionId: 's', userId: 'usr_ada', machineId: 'm' };
  await expect(startActivation(table, pool, request)).rejects.toThrow('far enough');
  expect(walks).toHaveLength(2);
  for (const walk of walks) {
    // A stack that ends early would prove nothing.
    expect(walk.at(-1)).toContain('startActivation');
    expect(walk.length, walk.join('\n')).toBeLessThanOrEqual(8);
  }
});
