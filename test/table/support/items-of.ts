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
    const [, verb, attribute = '', value = ''] =
      /^SET actor = :actor( ADD|,) (\w+)(?: =)? (:\w+)$/.exec(UpdateExpression) ?? [];
    if (!verb || (verb === ' ADD' && items.has(keyOf(Key))))
      throw new Error(`not known in memory: ${UpdateExpression}`);
    put({ ...Key, ...items.get(keyOf(Key)), actor: values[':actor'], [attribute]: values[value] });
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
