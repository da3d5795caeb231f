import type { Item, Table } from '../../../shared/table/store/table.ts';

/**
 * Returns the items that operations write into an empty table. The operations themselves run, on a table in memory that knows the
 * few kinds of requests that they make, and checks no condition.
 */
export const itemsOf = async (table: Table, work: (empty: Table) => Promise<unknown>): Promise<Item[]> => {
  const { name } = table;
  const items = new Map<string, Item>();
  const keyOf = ({ pk, sk }: any) => `${pk}|${sk}`;
  const put = (item: Item) => items.set(keyOf(item), item);
  const update = ({ Key, UpdateExpression, ExpressionAttributeValues: values }: any) => {
    const [, set = '', added] = /^SET (.+?)(?: ADD (\w+ :\w+))?$/.exec(UpdateExpression) ?? [];
    const assigned = [...set.split(', '), ...(added ? [added] : [])].map((one) => /^(\w+)(?: =)? (:\w+)$/.exec(one));
    if (assigned.includes(null) || (added && items.has(keyOf(Key))))
      throw new Error(`not known in memory: ${UpdateExpression}`);
    const written = assigned.map((one) => [one?.[1], values[one?.[2] ?? '']]);
    put({ ...Key, ...items.get(keyOf(Key)), ...Object.fromEntries(written) });
    return {};
  };
  const answers: Record<string, (input: any) => object> = {
    GetCommand: ({ Key }) => ({ Item: items.get(keyOf(Key)) }),
    BatchGetCommand: ({ RequestItems }) => ({
      Responses: { [name]: RequestItems[name].Keys.flatMap((key: object) => items.get(keyOf(key)) ?? []) },
    }),
    QueryCommand: ({ ExpressionAttributeValues: { ':pk': pk } }) => ({
      Items: [...items.values()].filter((item) => item.pk === pk),
    }),
    PutCommand: ({ Item }) => put(Item),
    UpdateCommand: update,
    TransactWriteCommand: ({ TransactItems }) => {
      for (const { Put, Update } of TransactItems) {
        if (Put) put(Put.Item);
        else update(Update);
      }
      return {};
    },
  };
  const send = async ({ constructor: { name: kind }, input }: { constructor: { name: string }; input: unknown }) => {
    const answer = answers[kind];
    if (!answer) throw new Error(`not known in memory: ${kind}`);
    return answer(input);
  };
  await work({ ...table, client: { send } as unknown as Table['client'] });
  return [...items.values()];
};
