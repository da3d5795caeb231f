import { operation } from './operation.ts';
import { Member } from './schemas/organization.ts';
import { OrganizationId } from './schemas/primitives.ts';

export const completeRecovery = operation({
  name: 'completeRecovery',
  method: 'POST',
  path: '/v1/organizations/{organizationId}/recoveries/{recoveryId}/complete',
  tag: 'Members',
  summary: 'Take your membership back',
  description:
    'Sign in anew with the address of the membership, verified by your issuer. You get the membership with its role; the ' +
    'earlier sign-in loses it, and its API keys, invitations and licenses end. A repetition by the same person gives the ' +
    'same membership. The answer is the same 404 for a recovery of another address, for one that is unknown, not ready, ' +
    'cancelled, lapsed or completed by another, for a member, and for the two who started it and consented. The ' +
    'organization opens to you within 30 seconds (the authorizer’s cache).',
  access: { to: 'signed-in' },
  answers: {
    200: { description: 'You are the member.', body: Member.extend({ organizationId: OrganizationId }) },
  },
  problems: ['not-found'],
  table: {
    ORG: ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'],
    USER: ['PutItem', 'DeleteItem'],
    SUBJECT: ['GetItem', 'PutItem'],
    EMAIL: ['UpdateItem'],
  },
  impact: 'Members who are locked out cannot come back.',
});
