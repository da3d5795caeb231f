import { anyMember, operation } from './operation.ts';
import { Recovery } from './schemas/organization.ts';

export const consentToRecovery = operation({
  name: 'consentToRecovery',
  method: 'POST',
  path: '/v1/organizations/{organizationId}/recoveries/{recoveryId}/consent',
  tag: 'Members',
  summary: 'Consent to the recovery of a member',
  description:
    'With your consent the member can complete it at once. Ask the member first, in person: you confirm that the new sign-in ' +
    'is theirs. The member concerned cannot consent, nor can the person who started the recovery. Your consent counts while ' +
    'you are a member. Repeating is harmless.',
  access: { to: 'organization', roles: anyMember, vendor: false, keyScope: 'none', grantsPower: true },
  answers: { 200: { description: 'It is `ready`.', body: Recovery } },
  table: {
    ORG: ['BatchGetItem', 'GetItem', 'UpdateItem'],
    SUBJECT: ['GetItem'],
    TRAIL: ['UpdateItem'],
  },
  impact: 'Nobody can consent to a recovery: it waits for 72 hours.',
});
