import { createHash } from 'node:crypto';
import type { SQSEvent } from 'aws-lambda';
import type { BackgroundTask } from './background-loop.ts';
import { serveJson } from './json-server.ts';

/** The most messages of one group in progress, so that a slow group does not hold up the others. */
const MAX_PER_GROUP = 4;

interface Entry {
  Id: string;
  MessageBody: string;
  MessageGroupId: string;
}

/**
 * The stand-in for SQS and its event source mapping: takes messages over SQS's protocol and passes each to `consume`, a few of a
 * group at once. In memory only: the schedule enqueues lost messages again.
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

  const { url, close } = await serveJson(({ Entries }: { Entries: Entry[] }) => {
    Entries.forEach(take);
    const Successful = Entries.map(({ Id, MessageBody }) => ({
      Id,
      MessageId: Id,
      MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
    }));
    return { status: 200, contentType: 'application/x-amz-json-1.0', body: { Successful, Failed: [] } };
  });

  return {
    url: `${url}/attempts`,
    stop: async () => {
      close();
      const running = [...groups.values()].flatMap((group) => {
        group.waiting = [];
        return [...group.running];
      });
      await Promise.all(running);
    },
  };
};
