import { operation } from './operation.ts';
import { Machine } from './schemas/machine.ts';
import { pageOf, pageQuery } from './schemas/primitives.ts';
import { signsCursors } from './table-grant.ts';

export const listMachines = operation({
  name: 'listMachines',
  method: 'GET',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/machines',
  tag: 'Machines',
  summary: 'Registered machines: where licenses are used',
  description:
    'By machine ID. Floating: the machines on which a license is in use now. Per user: also those on which one was used ' +
    'before, until they are removed.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full' },
  input: { query: pageQuery },
  answers: { 200: { description: 'A page of registered machines.', body: pageOf(Machine) } },
  table: {
    ORG: ['GetItem'],
    POOL: ['Query'],
    SESSION: ['BatchGetItem'],
    ...signsCursors,
  },
  impact: 'The list of registered machines cannot be read; licensing itself works.',
});
