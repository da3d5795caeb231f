import type { Around } from '../database.ts';

/** A part of the table that a request reads or writes: the items of a partition from one sort key to another. */
interface Touch {
  pk: string;
  from: string;
  to: string;
  writes: boolean;
}

/** One request of an operation. */
export interface Made {
  touches: Touch[];
  /** Another request was under way at the same time. */
  isParallel: boolean;
}

const item = ({ pk, sk }: { pk: string; sk: string }, writes: boolean): Touch => ({ pk, from: sk, to: sk, writes });

/** Each kind of request that the code makes, and the items of its input. */
const touchesOf = ({ name, input }: { name: string; input: any }): Touch[] => {
  switch (name) {
    case 'GetItem':
      return [item(input.Key, false)];
    case 'PutItem':
      return [item(input.Item, true)];
    case 'UpdateItem':
    case 'DeleteItem':
      return [item(input.Key, true)];
    case 'Query': {
      const { ':pk': pk, ':from': from, ':to': to } = input.ExpressionAttributeValues;
      return [{ pk, from, to, writes: false }];
    }
    case 'BatchGetItem':
      return Object.values<any>(input.RequestItems).flatMap(({ Keys }) => Keys.map((key: any) => item(key, false)));
    case 'BatchWriteItem':
      return Object.values<any>(input.RequestItems)
        .flat()
        .map(({ PutRequest, DeleteRequest }) => item(PutRequest?.Item ?? DeleteRequest.Key, true));
    default:
      throw new Error(`which items does ${name} touch?`);
  }
};

/** Notes the requests of a client, in their order. */
export const noting = () => {
  const made: Made[] = [];
  const underway = new Set<Made>();
  const request: Around = async (called, send) => {
    const one = { touches: touchesOf(called), isParallel: underway.size > 0 };
    for (const other of underway) other.isParallel = true;
    made.push(one);
    underway.add(one);
    try {
      return await send();
    } finally {
      underway.delete(one);
    }
  };
  return { made, request };
};

export const isWrite = ({ touches }: Made): boolean => touches.some(({ writes }) => writes);

/** Whether the order of a request and others can matter: one of them writes what the other reads or writes. */
export const meets = ({ touches }: Made, others: readonly Made[]): boolean =>
  others
    .flatMap((other) => other.touches)
    .some((other) =>
      touches.some(
        (one) => (one.writes || other.writes) && one.pk === other.pk && one.from <= other.to && other.from <= one.to,
      ),
    );
