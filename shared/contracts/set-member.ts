import * as z from 'zod';
import { operation } from './operation.ts';
import { Member, Role } from './schemas/organization.ts';

export const setMember = operation({
  name: 'setMember',
  method: 'PUT',
  path: '/v1/organizations/{organizationId}/members/{userId}',
  tag: 'Members',
  summary: 'Set a member’s role',
  description:
    'Only an owner makes an owner, and only an owner changes an owner’s role; no API key does. A lower role ' +
    'revokes the grants that the member could no longer make: API keys for others and open invitations. The last owner cannot ' +
    'be demoted (400, at `/body/role`): to hand over an organization make another member an owner, then demote or remove ' +
    'yourself. A new role takes effect within 30 seconds (the authorizer’s cache). Invite a person who is no member.',
  access: { to: 'organization', roles: ['owner', 'admin'], vendor: false, keyScope: 'full', grantsPower: true },
  input: {
    body: z.strictObject({ role: Role }),
  },
  answers: { 200: { description: 'The member as it is now.', body: Member } },
  table: {
    ORG: ['BatchGetItem', 'GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    USER: ['PutItem'],
    KEYS: ['BatchGetItem', 'Query', 'UpdateItem'],
    DUE: ['PutItem'],
    WEBHOOKS: ['Query', 'DeleteItem'],
    TRAIL: ['UpdateItem'],
  },
  impact: 'Roles of members cannot be changed; licensing itself works.',
});
