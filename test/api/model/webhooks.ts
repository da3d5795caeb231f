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
import { byManagers, calls, expectItems, longPage, type Outcome, type Scene, someId, which } from './call.ts';
import { byHand, count, expectLimit, limitCode, passedBy } from './limits.ts';
import { isSame, keyed, someKey } from './repetitions.ts';
import { type Organization, pick } from './state.ts';

const webhookIds = ({ webhooks }: Organization): string[] => webhooks.map(({ id }) => id);
const live = ({ webhooks }: Organization) => webhooks.filter(({ isRemoved }) => !isRemoved);

const about = (scene: Scene, n: number) => {
  const webhookId = someId(scene, webhookIds, n);
  const webhook = scene.organization.webhooks.find(({ id }) => id === webhookId);
  return { webhookId, webhook, present: webhook?.isRemoved ? undefined : webhook };
};

/** Plans a message by hand to a webhook. The service counts it before it looks whether it can send it. */
const sending = (
  { organization, now }: Scene,
  present: Organization['webhooks'][number] | undefined,
  outcome: () => Outcome,
) => {
  const passed = passedBy(organization, byHand(organization), now);
  return {
    expected: (): Outcome => {
      if (!present) return 'not-found';
      return passed.length > 0 ? limitCode(passed) : outcome();
    },
    refused: (body: Json) => {
      if (passed.length > 0) expectLimit(body, passed, now);
      else if (present) count(organization, byHand(organization), now);
    },
  };
};

export const webhooks = [
  calls({
    operation: createWebhook,
    weight: 3,
    access: byManagers,
    args: fc.record({
      url: fc.constantFrom('https://hooks.example.com/1', 'https://hooks.example.com/2', 'https://hooks.example.com/3'),
      some: someKey,
    }),
    plan: ({ organization }, { url: drawn, some }) => {
      const { limits, webhooks: all } = organization;
      const request = keyed(organization, createWebhook, '', some, { url: drawn, events: ['license.refused'] });
      const { url } = request.body;
      const present = live(organization);
      const told = [
        ...(present.length >= limits.webhooks ? [{ limit: 'webhooks', value: limits.webhooks }] : []),
        ...(present.some((webhook) => webhook.url === url) ? [{ limit: 'webhooksPerUrl', value: 1 }] : []),
      ];
      return {
        ...request.asked,
        expected: (me) => {
          const before = request.before(me);
          if (!before) return told.length > 0 ? 'limit-exceeded' : 201;
          // After a removal or a rotation there is no such answer any more.
          const isThere = present.some(({ id, secrets }) => id === before.id && secrets.length === 1);
          return isThere && isSame(before.body, request.body) ? 201 : 'invalid-request';
        },
        done: (answered, me) => {
          const { id, secret } = answered;
          if (request.before(me)) {
            const { secrets } = all.find((webhook) => webhook.id === id) ?? {};
            return void expect({ id, secrets: [secret] }).toEqual({ id: request.before(me)?.id, secrets });
          }
          expect(all.map((webhook) => webhook.id)).not.toContain(id);
          all.push({ id, url, isConfirmed: false, isRemoved: false, tests: [], secrets: [secret], rotations: [] });
          request.note(answered, me);
        },
        refused: ({ code, limit, value }) => code === 'limit-exceeded' && expect(told).toContainEqual({ limit, value }),
      };
    },
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
    args: fc.record({ webhook: which, key: fc.constantFrom(undefined, 'idempotency-key-1', 'idempotency-key-2') }),
    plan: (scene, { webhook: n, key }) => {
      const { webhookId, present } = about(scene, n);
      const [last, ...former] = present?.rotations.slice(-11).reverse() ?? [];
      return {
        path: { webhookId },
        body: {},
        ...(key !== undefined && { headers: { 'idempotency-key': key } }),
        expected: () => {
          if (!present) return 'not-found';
          return key !== undefined && former.includes(key) ? 'invalid-request' : 200;
        },
        done: ({ secret }) => {
          if (!present) return;
          if (key !== undefined && key === last) return void expect(secret).toBe(present.secrets.at(-1));
          expect(present.secrets).not.toContain(secret);
          present.secrets.push(secret);
          present.rotations.push(key);
        },
      };
    },
  }),
  calls({
    operation: testWebhook,
    weight: 2,
    access: byManagers,
    args: which,
    plan: (scene, n) => {
      const { webhookId, present } = about(scene, n);
      return {
        path: { webhookId },
        ...sending(scene, present, () => (present?.isConfirmed ? 202 : 'forbidden')),
        done: ({ id }) => {
          present?.tests.push(id);
          count(scene.organization, byHand(scene.organization), scene.now);
        },
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
    weight: 2,
    access: byManagers,
    args: fc.record({ webhook: which, delivery: which }),
    plan: (scene, { webhook: n, delivery }) => {
      const { webhookId, present } = about(scene, n);
      const deliveries = ({ webhooks: all }: Organization) => all.flatMap(({ tests }) => tests);
      const deliveryId = pick(present?.tests ?? [], delivery) ?? someId(scene, deliveries, delivery);
      return {
        path: { webhookId, deliveryId },
        ...sending(scene, present, () => (present?.tests.includes(deliveryId) ? 202 : 'not-found')),
        done: () => count(scene.organization, byHand(scene.organization), scene.now),
      };
    },
  }),
];
