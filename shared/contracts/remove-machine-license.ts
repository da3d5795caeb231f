import { operation } from './operation.ts';

export const removeMachineLicense = operation({
  name: 'removeMachineLicense',
  method: 'DELETE',
  path: '/v1/organizations/{organizationId}/subscriptions/{product}/machines/{machineId}/license',
  tag: 'Machines',
  summary: 'Take the online licenses of a machine away',
  description:
    'Ends all that runs online on it (`license-removed`). Where licenses belong to users, the machine stays registered. ' +
    'An offline license is never taken away: if there is nothing else on the machine, the answer is 409.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  answers: { 204: { description: 'Nothing runs online on the machine.' } },
  problems: ['offline-license-active'],
  table: {
    ORG: ['BatchGetItem', 'GetItem'],
    KEYS: ['BatchGetItem'],
    TRAIL: ['UpdateItem'],
    POOL: ['BatchGetItem', 'GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    SESSION: ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'],
  },
  impact: 'Licenses cannot be taken away from machines.',
});
