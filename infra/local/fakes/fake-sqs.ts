import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SQSEvent } from 'aws-lambda';
import type { BackgroundTask } from './background-loop.ts';

/** How many messages of one group are with the consumer at once: a slow group keeps no other waiting. */
const MAX_PER_GROUP = 4;

interface Entry {
  Id: string;
  MessageBody: string;
  MessageGroupId: string;
}

/**
 * What SQS and Lambda do between the one who sends and a function: takes messages over SQS's own protocol, at a port of
 * this machine alone, and hands each to `consume`, no more than a few of a group at once. Kept in memory only, as a
 * message may be lost: the schedule asks again for what was not attempted.
 */
export const startFakeSqs = async (
  consume: (event: Pick<SQSEvent, 'Records'>) => Promise<unknown>,
): Promise<BackgroundTask & { url: string }> => {
  const groups = new Map<string, { waiting: Entry[]; running: Set<Promise<unknown>> }>();

  const work = (group: string) => {
    const state = groups.get(group);
    if (!state) return;
    const { waiting, running } = state;
    while (running.size < MAX_PER_GROUP && waiting.length > 0) {
      const { Id, MessageBody } = waiting.shift()!;
      const done = consume({ Records: [{ messageId: Id, body: MessageBody }] as SQSEvent['Records'] })
        .catch((error) => console.error(error))
        .finally(() => {
          running.delete(done);
          work(group);
        });
      running.add(done);
    }
    if (running.size === 0) groups.delete(group);
  };

  const take = (entry: Entry) => {
    const group = groups.get(entry.MessageGroupId) ?? { waiting: [], running: new Set() };
    groups.set(entry.MessageGroupId, group);
    group.waiting.push(entry);
    work(entry.MessageGroupId);
  };

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { Entries } = JSON.parse(Buffer.concat(chunks).toString()) as { Entries: Entry[] };
    Entries.forEach(take);
    const Successful = Entries.map(({ Id, MessageBody }) => ({
      Id,
      MessageId: Id,
      MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
    }));
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ Successful, Failed: [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/attempts`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      const running = [...groups.values()].flatMap((group) => {
        group.waiting = [];
        return [...group.running];
      });
      await Promise.all(running);
    },
  };
};
