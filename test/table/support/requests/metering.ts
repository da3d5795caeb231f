import type { Around } from '../database.ts';

/** What requests cost, as DynamoDB itself says. */
export interface Bill {
  requests: number;
  /** Requests that could not be sent before an earlier one was answered. */
  roundTrips: number;
  read: number;
  write: number;
}

const isRead = (name: string) => ['GetItem', 'BatchGetItem', 'Query'].includes(name);

/** Counts the requests of a client and the capacity that they consume. */
export const meter = () => {
  let bill: Bill = { requests: 0, roundTrips: 0, read: 0, write: 0 };
  let underway = 0;
  const add = (name: string, units: number) => {
    if (isRead(name)) bill.read += units;
    else bill.write += units;
  };
  const request: Around = async ({ name, input }, send) => {
    bill.requests++;
    if (underway === 0) bill.roundTrips++;
    underway++;
    input.ReturnConsumedCapacity = 'TOTAL';
    try {
      const output = await send();
      const consumed = [output.ConsumedCapacity].flat();
      for (const { CapacityUnits } of consumed) add(name, CapacityUnits);
      return output;
    } catch (error) {
      // A write that its condition refused is charged as one that was made.
      add(name, 1);
      throw error;
    } finally {
      underway--;
    }
  };
  return {
    request,
    /** What this cost. Sequential requests count as round trips, parallel ones as one. */
    of: async <T>(work: () => Promise<T>): Promise<{ result: T; bill: Bill }> => {
      bill = { requests: 0, roundTrips: 0, read: 0, write: 0 };
      const result = await work();
      // Later requests add to the next bill.
      return { result, bill: { ...bill } };
    },
  };
};
