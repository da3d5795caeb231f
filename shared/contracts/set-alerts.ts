import * as z from 'zod';
import { operation } from './operation.ts';
import { Alerts, AlertTerms } from './schemas/alerts.ts';

export const setAlerts = operation({
  name: 'setAlerts',
  method: 'PUT',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/alerts',
  tag: 'Subscriptions',
  summary: 'Set the alerts of a product',
  description:
    'The schedule compares use and waiting times each minute, of more than 1,000 licenses less often. An alert is one mail to ' +
    'each owner and admin, and the event `alert.raised`; the next one comes after its cause had ended.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  input: { body: z.strictObject(AlertTerms.shape) },
  answers: { 200: { description: 'The alerts as they are now.', body: Alerts } },
  table: {
    ORG: ['BatchGetItem', 'GetItem', 'UpdateItem'],
    KEYS: ['BatchGetItem'],
    TRAIL: ['UpdateItem'],
  },
  impact: 'Alerts cannot be set; those that are set are raised all the same.',
});
