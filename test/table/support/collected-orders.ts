import { afterAll, vi } from 'vitest';
import type * as z from 'zod';
import { startFakeSqs } from '../../../infra/local/fakes/fake-sqs.ts';
import { openChangeFeed } from './stream/change-feed.ts';

/**
 * A change feed whose stream function asks for attempts in the queue of the local stack; what comes out of it is collected,
 * and the attempts are the tests' to make.
 *
 * @param variable what tells the stream function where the queue is
 */
export const collectOrders = async <Order extends z.ZodType>(variable: string, order: Order) => {
  const orders: z.output<Order>[] = [];
  const queue = await startFakeSqs(async ({ Records }) => {
    orders.push(order.parse(JSON.parse(Records[0]!.body)));
  });
  vi.stubEnv(variable, queue.url);
  const feed = await openChangeFeed();
  afterAll(async () => {
    await feed.close();
    await queue.stop();
  });
  return { feed, orders };
};
