import { operation } from './operation.ts';
import { Member } from './schemas/organization.ts';
import { OrganizationId } from './schemas/primitives.ts';

export const acceptInvitation = operation({
  name: 'acceptInvitation',
  method: 'POST',
  path: '/v1/invitations/{token}/accept',
  tag: 'Members',
  summary: 'Accept an invitation',
  description:
    'Sign in with the invited address, verified by your issuer. An invitation is good once; a repetition by the same person ' +
    'gives the same membership. A member keeps its role. The answer is the same 404 for another’s invitation, for one that is ' +
    'unknown, expired, revoked or used, and for one that its inviter could no longer make. The organization opens to you ' +
    'within 30 seconds (the authorizer’s cache).',
  access: { to: 'signed-in' },
  answers: {
    200: { description: 'You are a member.', body: Member.extend({ organizationId: OrganizationId }) },
  },
  problems: ['not-found'],
  table: {
    ORG: ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'],
    USER: ['PutItem'],
    EMAIL: ['PutItem'],
    KEYS: ['GetItem'],
  },
  impact: 'Invitations cannot be accepted; licensing itself works.',
});
