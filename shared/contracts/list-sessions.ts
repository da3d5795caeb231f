import { operation } from './operation.ts';
import { csvOf, MachineId, pageOf, pageQuery, reportTimes, UserId } from './schemas/primitives.ts';
import { Session } from './schemas/session.ts';
import { signsCursors } from './table-grant.ts';

export const listSessions = operation({
  name: 'listSessions',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/sessions',
  tag: 'Reports',
  summary: 'Sessions, active and past: who used what when',
  description:
    'The activations that ran at some time of the range, newest first, also of members and machines that were removed. ' +
    'A session that ends is missing for some seconds. A page may have fewer than asked for, or none, and still a `nextCursor`: ' +
    'go on with it. With `Accept: text/csv` the whole range is one file of up to 5,000 rows, whatever `limit` says; if ' +
    'there are more, the `Link` of `rel="next"` is the address of the rest.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full' },
  input: {
    query: pageQuery.extend({ ...reportTimes, userId: UserId.optional(), machineId: MachineId.optional() }),
  },
  answers: {
    200: {
      description: 'A page of sessions, or a file of them.',
      body: pageOf(Session),
      or: csvOf({
        name: 'License Utilization_Acme_org_01k9z4m6c8t2v0x5y7w3q1n8rb_20260201-20270131.csv',
        description:
          "RFC 4180, in UTF-8, each text in a row quoted. Duration is in seconds. A formula has a `'` before it.",
        example:
          'Username,User email,Session ID,Machine ID,License type,Started timestamp,Duration\r\n' +
          '"Ada Lovelace","ada@acme.example","build-4711","runner-07","floating","2027-01-31T09:30:00.000Z",5400\r\n',
      }),
    },
  },
  table: {
    TRAIL: ['PutItem'],
    ORG: ['BatchGetItem', 'GetItem'],
    POOL: ['BatchGetItem', 'GetItem', 'Query', 'UpdateItem'],
    SESSION: ['BatchGetItem', 'GetItem', 'UpdateItem'],
    HISTORY: ['Query'],
    ...signsCursors,
  },
  impact: 'The history of sessions cannot be read; it is kept all the same, and licensing itself works.',
});
