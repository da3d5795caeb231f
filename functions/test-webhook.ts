import { testWebhook as contract } from '../shared/contracts/test-webhook.ts';
import { confirmedSince } from '../shared/domain/outbox/webhook.ts';
import { ForbiddenByState } from '../shared/http/problems/problem.ts';
import { deliveryBody } from '../shared/http/responses/webhook.ts';
import { sendableWebhook } from '../shared/http/sendable-webhook.ts';
import { serve } from '../shared/http/serve.ts';
import { planTest } from '../shared/table/outbox/deliveries.ts';

export const handler = serve(contract, async ({ path, table, now }) => {
  const webhook = await sendableWebhook(table, path, now);
  if (confirmedSince(webhook) === undefined)
    throw new ForbiddenByState('The target of this webhook has not confirmed it yet: confirm it first.');
  return { status: 202, body: deliveryBody(await planTest(table, webhook, now)) };
});
