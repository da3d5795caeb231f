import * as z from 'zod';
import { anyMember, operation } from './operation.ts';
import { pageOf, pageQuery } from './schemas/primitives.ts';
import { Subscription, SubscriptionSummary } from './schemas/subscription.ts';
import { signsCursors } from './table-grant.ts';

export const listSubscriptions = operation({
  name: 'listSubscriptions',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/subscriptions',
  tag: 'Subscriptions',
  summary: 'The products of an organization',
  description:
    'Owners, admins and billing managers see the figures; a user sees which products there are. A page with figures has ' +
    'products of at most 500,000 licenses together, or one.',
  access: { to: 'organization', roles: anyMember, vendor: false, keyScope: 'full' },
  input: { query: pageQuery },
  answers: {
    200: { description: 'A page of subscriptions.', body: pageOf(z.union([Subscription, SubscriptionSummary])) },
  },
  table: {
    ORG: ['Query'],
    POOL: ['Query'],
    ...signsCursors,
  },
  impact: 'The list of products cannot be read; licensing itself works.',
});
