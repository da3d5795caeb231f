import * as z from 'zod';
import { operation } from './operation.ts';
import { csvOf, pageOf, pageQuery } from './schemas/primitives.ts';
import { SoldSubscription } from './schemas/sold-subscription.ts';
import { signsCursors } from './table-grant.ts';

export const listSoldSubscriptions = operation({
  name: 'listSoldSubscriptions',
  method: 'GET',
  path: '/v1/subscriptions',
  tag: 'Subscriptions',
  summary: 'The subscriptions of all organizations, with their use, also as CSV',
  description:
    'In the order in which the organizations were created, each by product. A change appears some seconds later. ' +
    'The licenses in use are those of the last count, `countedAt`. A page may have fewer items than asked for, or none, ' +
    'and still a `nextCursor`: go on with it. With `Accept: text/csv` the list is one file of up to 5,000 rows, whatever ' +
    '`limit` says; if there are more, the `Link` of `rel="next"` is the address of the rest.',
  access: { to: 'vendor' },
  input: {
    query: pageQuery.extend({
      state: z
        .enum(['ending', 'full', 'unused'])
        .optional()
        .meta({
          description:
            'Only subscriptions that have not expired: `ending` within 30 days; `full`: all licenses in use at the last ' +
            'count; `unused`: none in use at any count of the last two weeks.',
        }),
      search: z.string().min(1).max(100).optional().meta({
        description: 'Words of the organization’s name or ID, the product code or the product name.',
        example: 'acme kre',
      }),
    }),
  },
  answers: {
    200: {
      description: 'A page of subscriptions, or a file of them.',
      body: pageOf(SoldSubscription),
      or: csvOf({ name: 'Subscriptions_20270131.csv', description: 'RFC 4180, in UTF-8, each text quoted.' }),
    },
  },
  table: { PORTFOLIO: ['Query'], ...signsCursors },
  impact: 'The vendor cannot see the list of all subscriptions; licensing itself works.',
});
