import { SQSClient } from '@aws-sdk/client-sqs';
import { expect, it, vi } from 'vitest';
import { startFakeSqs } from '../../infra/local/fakes/fake-sqs.ts';
import { openQueue } from '../../shared/outbound/sqs-queue.ts';
import { eventually } from '../eventually.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const client = new SQSClient({ region: 'eu-central-1', credentials });
const groupOf = ({ webhookId }: { webhookId: string }) => webhookId;
const orderFor = (webhookId: string, attempts: number) => ({
  organizationId: 'org_a',
  webhookId,
  deliveryId: `dlv_${attempts}`,
  attempts,
});

/** A queue whose consumer is slow for the webhook `slow`. */
const open = async () => {
  const done: string[] = [];
  let release = () => {};
  const slow = new Promise<void>((resolve) => {
    release = resolve;
  });
  const queue = await startFakeSqs(async ({ Records }) => {
    const { webhookId, deliveryId } = JSON.parse(Records[0]!.body);
    if (webhookId === 'slow') await slow;
    if (webhookId === 'failing') throw new Error('failed');
    done.push(`${webhookId} ${deliveryId}`);
  });
  return { queue, done, release, send: openQueue(queue.url, groupOf, client) };
};

it('passes on every job that the SDK sends: concurrent ones in requests of ten', async () => {
  const { queue, done, send } = await open();
  const requests = vi.spyOn(client, 'send');
  await Promise.all(Array.from({ length: 25 }, (_, index) => send(orderFor('a', index))));
  expect(requests).toHaveBeenCalledTimes(3);
  await eventually(() => expect(new Set(done).size).toBe(25));
  await queue.stop();
});

it('a slow or failing webhook holds up no other', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const { queue, done, send, release } = await open();
  await Promise.all(Array.from({ length: 30 }, (_, index) => send(orderFor('slow', index))));
  await send(orderFor('failing', 1));
  await send(orderFor('quick', 1));
  await eventually(() => expect(done).toEqual(['quick dlv_1']));
  release();
  await eventually(() => expect(done).toHaveLength(31));
  await queue.stop();
});

it('a job that SQS refuses fails alone; the others are sent', async () => {
  const send = openQueue('https://sqs.example.com/q', groupOf, {
    send: async () => ({ Successful: [], Failed: [{ Id: '1', SenderFault: false, Code: 'InternalError' }] }),
  } as unknown as SQSClient);
  const outcomes = await Promise.allSettled([0, 1, 2].map((index) => send(orderFor('a', index))));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

it('without a queue all jobs fail', async () => {
  const send = openQueue('https://sqs.example.com/q', groupOf, {
    send: () => Promise.reject(new Error('unreachable')),
  } as unknown as SQSClient);
  const outcomes = await Promise.allSettled([0, 1].map((index) => send(orderFor('a', index))));
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
