import { anyMember, operation } from './operation.ts';

export const cancelRecovery = operation({
  name: 'cancelRecovery',
  method: 'DELETE',
  path: '/v1/organizations/{organizationId}/recoveries/{recoveryId}',
  tag: 'Members',
  summary: 'Cancel the recovery of a member',
  description:
    'An owner, an admin, the member concerned or the vendor cancels it. Nobody can complete a cancelled recovery; the vendor ' +
    'may start another one. Repeating is harmless.',
  access: { to: 'organization', roles: anyMember, vendor: true, keyScope: 'none', grantsPower: true },
  answers: { 204: { description: 'Cancelled.' } },
  table: { ORG: ['GetItem', 'UpdateItem', 'BatchGetItem'], TRAIL: ['UpdateItem'] },
  impact:
    'A recovery that nobody of the organization wants cannot be stopped. Urgent: it is ready 72 hours after its start.',
});
