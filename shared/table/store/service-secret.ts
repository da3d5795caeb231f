import { randomBytes } from 'node:crypto';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { keys } from './keys.ts';
import { put, type Table } from './table.ts';

const secrets = new WeakMap<Table['client'], Promise<Buffer>>();

/**
 * The service's own secret, 32 random bytes, made at its first use. It signs cursors, and derives the API key that an
 * `Idempotency-Key` names. It lives in the table: who can read that needs no forged cursor any more.
 */
export const serviceSecret = (table: Table): Promise<Buffer> => {
  const known = secrets.get(table.client) ?? readOrMake(table);
  secrets.set(table.client, known);
  known.catch(() => secrets.delete(table.client));
  return known;
};

const readOrMake = async (table: Table): Promise<Buffer> => {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.serviceSecret(), ConsistentRead: true }),
  );
  if (Item) return Buffer.from(Item.secret, 'base64');
  const secret = randomBytes(32);
  const { done, item } = await put(table, {
    Item: { ...keys.serviceSecret(), secret: secret.toString('base64') },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  return done ? secret : Buffer.from(item?.secret as string, 'base64');
};
