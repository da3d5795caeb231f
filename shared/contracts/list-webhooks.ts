import * as z from 'zod';
import { operation } from './operation.ts';
import { OrganizationId, pageOf, pageQuery } from './schemas/primitives.ts';
import { Webhook } from './schemas/webhook.ts';
import { signsCursors } from './table-grant.ts';

export const listWebhooks = operation({
  name: 'listWebhooks',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/webhooks',
  tag: 'Webhooks',
  summary: 'Webhooks',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full' },
  input: { path: z.strictObject({ organizationId: OrganizationId }), query: pageQuery },
  answers: { 200: { description: 'A page of webhooks.', body: pageOf(Webhook) } },
  problems: [],
  table: {
    WEBHOOKS: ['Query'],
    ...signsCursors,
  },
  impact: 'The list of webhooks cannot be read; events are delivered all the same.',
});
