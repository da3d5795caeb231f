import fc from 'fast-check';
import { expect } from 'vitest';
import { confirmWebhook } from '../../../shared/contracts/confirm-webhook.ts';
import { createWebhook } from '../../../shared/contracts/create-webhook.ts';
import { listWebhookDeliveries } from '../../../shared/contracts/list-webhook-deliveries.ts';
import { listWebhooks } from '../../../shared/contracts/list-webhooks.ts';
import { redeliverWebhook } from '../../../shared/contracts/redeliver-webhook.ts';
import { removeWebhook } from '../../../shared/contracts/remove-webhook.ts';
import { rotateWebhookSecret } from '../../../shared/contracts/rotate-webhook-secret.ts';
import { testWebhook } from '../../../shared/contracts/test-webhook.ts';
import { readWebhook } from '../../../shared/table/outbox/webhooks.ts';
import type { Json } from '../support/harness.ts';
import { byManagers, calls, expectItems, longPage, type Scene, someId, which } from './call.ts';
import { type Organization, pick } from './state.ts';

const webhookIds = ({ webhooks }: Organization): string[] => webhooks.map(({ id }) => id);
const live = ({ webhooks }: Organization) => webhooks.filter(({ isRemoved }) => !isRemoved);

const about = (scene: Scene, n: number) => {
  const webhookId = someId(scene, webhookIds, n);
  const webhook = scene.organization.webhooks.find(({ id }) => id === webhookId);
  return { webhookId, webhook, present: webhook?.isRemoved ? undefined : webhook };
};

export const webhooks = [
  calls({
    operation: createWebhook,
    weight: 3,
    access: byManagers,
    args: fc.constantFrom('https://hooks.example.com/1', 'https://hooks.example.com/2', 'https://hooks.example.com/3'),
    plan: ({ organization }, url) => ({
      body: { url, events: ['license.refused'] },
      expected: () => {
        const present = live(organization);
        const isFull = present.length >= organization.limits.webhooks;
        return isFull || present.some((webhook) => webhook.url === url) ? 'limit-exceeded' : 201;
      },
      done: ({ id }) => void organization.webhooks.push({ id, url, isConfirmed: false, isRemoved: false, tests: [] }),
    }),
  }),
  calls({
    operation: confirmWebhook,
    weight: 2,
    access: byManagers,
    args: fc.record({ webhook: which, isRight: fc.constantFrom(true, true, false) }),
    plan: async (scene, { webhook: n, isRight }, { world }) => {
      const { webhookId, present } = about(scene, n);
      // The target received the challenge.
      const received = await readWebhook(world.table, { organizationId: scene.organization.id, id: webhookId });
      const challenge = (isRight && received?.challenge) || 'another';
      return {
        path: { webhookId },
        body: { challenge },
        expected: () => {
          if (!present) return 'not-found';
          return isRight ? 200 : 'invalid-request';
        },
        done: () => {
          if (present) present.isConfirmed = true;
        },
      };
    },
  }),
  calls({
    operation: listWebhooks,
    access: byManagers,
    plan: ({ organization }) => ({
      query: longPage,
      expected: () => 200,
      done: (answered) =>
        expectItems(
          answered,
          ({ id, url }) => ({ id, url }),
          live(organization).map(({ id, url }) => ({ id, url })),
        ),
    }),
  }),
  calls({
    operation: removeWebhook,
    access: byManagers,
    args: which,
    plan: (scene, n) => {
      const { webhookId, webhook } = about(scene, n);
      return {
        path: { webhookId },
        expected: () => (webhook ? 204 : 'not-found'),
        done: () => {
          if (webhook) webhook.isRemoved = true;
        },
      };
    },
  }),
  calls({
    operation: rotateWebhookSecret,
    access: byManagers,
    args: which,
    plan: (scene, n) => {
      const { webhookId, present } = about(scene, n);
      return { path: { webhookId }, body: {}, expected: () => (present ? 200 : 'not-found') };
    },
  }),
  calls({
    operation: testWebhook,
    access: byManagers,
    args: which,
    plan: (scene, n) => {
      const { webhookId, present } = about(scene, n);
      return {
        path: { webhookId },
        expected: () => {
          if (!present) return 'not-found';
          return present.isConfirmed ? 202 : 'forbidden';
        },
        done: ({ id }) => void present?.tests.push(id),
      };
    },
  }),
  calls({
    operation: listWebhookDeliveries,
    access: byManagers,
    args: which,
    plan: (scene, n) => {
      const { webhookId, present } = about(scene, n);
      return {
        path: { webhookId },
        query: longPage,
        expected: () => (present ? 200 : 'not-found'),
        done: ({ items }) =>
          expect(items.map(({ id }: Json) => id)).toEqual(expect.arrayContaining(present?.tests ?? [])),
      };
    },
  }),
  calls({
    operation: redeliverWebhook,
    access: byManagers,
    args: fc.record({ webhook: which, delivery: which }),
    plan: (scene, { webhook: n, delivery }) => {
      const { webhookId, present } = about(scene, n);
      const deliveries = ({ webhooks: all }: Organization) => all.flatMap(({ tests }) => tests);
      const deliveryId = pick(present?.tests ?? [], delivery) ?? someId(scene, deliveries, delivery);
      return {
        path: { webhookId, deliveryId },
        expected: () => (present?.tests.includes(deliveryId) ? 202 : 'not-found'),
      };
    },
  }),
];
