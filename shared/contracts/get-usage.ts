import * as z from 'zod';
import { operation } from './operation.ts';
import { csvOf, pageOf, pageQuery, reportTimes } from './schemas/primitives.ts';
import { Usage } from './schemas/usage.ts';
import { signsCursors } from './table-grant.ts';

export const getUsage = operation({
  name: 'getUsage',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/usage',
  tag: 'Reports',
  summary: 'Usage: how much was in use at most and on average, by how many, what was refused, and who waited',
  description:
    'The whole of each hour, day or month (UTC) that the range touches, oldest first, without those that are yet to begin. ' +
    'The service counts the sessions; a session appears some seconds later. A page may have fewer ' +
    'intervals than asked for, or none, and still a `nextCursor`: go on with it. With `Accept: text/csv` the whole range is ' +
    'one file of up to 5,000 rows, whatever `limit` says; if there are more, the `Link` of `rel="next"` is the address of ' +
    'the rest.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full' },
  input: {
    query: pageQuery.extend({
      ...reportTimes,
      granularity: z
        .enum(['hour', 'day', 'month'])
        .default('month')
        .meta({ description: 'The length of an interval.' }),
    }),
  },
  answers: {
    200: {
      description: 'A page of intervals, or a file of them.',
      body: pageOf(Usage),
      or: csvOf({
        name: 'License Usage_Acme_org_01k9z4m6c8t2v0x5y7w3q1n8rb_20260201-20270131.csv',
        description: 'RFC 4180, in UTF-8, each text in a row quoted.',
        example:
          'From,Peak,Average,Users,Machines,Refused by license quota,Refused by machine quota,Waited,Average wait,' +
          'Longest wait,Quota\r\n"2027-01-01T00:00:00.000Z",9,4.25,3,12,2,0,4,32.5,81,10\r\n',
      }),
    },
  },
  table: {
    TRAIL: ['PutItem'],
    ORG: ['GetItem'],
    HISTORY: ['Query'],
    POOL: ['Query'],
    SESSION: ['BatchGetItem'],
    REFUSED: ['Query'],
    USAGE: ['Query', 'PutItem', 'UpdateItem'],
    ...signsCursors,
  },
  impact: 'Usage reports cannot be read; what they are counted from is kept all the same, and licensing itself works.',
});
