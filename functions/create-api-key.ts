import { createApiKey as contract } from '../shared/contracts/create-api-key.ts';
import { mayMakeKeysFor } from '../shared/domain/accounts/membership.ts';
import { manages } from '../shared/domain/accounts/principal.ts';
import { invalid, limitReached, noMember, notFound, Problem } from '../shared/http/problems/problem.ts';
import { apiKeyBody } from '../shared/http/responses/api-key.ts';
import { serve } from '../shared/http/serve.ts';
import { createApiKey } from '../shared/table/accounts/api-keys.ts';
import { readLimits } from '../shared/table/accounts/organizations.ts';
import { readMember } from '../shared/table/items/members.ts';

export const handler = serve(contract, async ({ path, headers, body, caller, table, now }) => {
  const { organizationId } = path;
  const { name, scope, maxSessions, userId = caller.userId } = body;
  const expiresAt = body.expiresAt === null ? null : Date.parse(body.expiresAt);
  if (expiresAt !== null && expiresAt <= now) throw invalid('/body/expiresAt', 'must be in the future');
  if (maxSessions !== null && !manages(caller))
    throw new Problem('forbidden', 'Only owners and admins set the maximum of a key.');
  if (userId !== caller.userId) {
    if (!manages(caller)) throw new Problem('forbidden', 'Only owners and admins make keys for other members.');
    const member = await readMember(table, organizationId, userId);
    if (!member) throw noMember(userId);
    // An admin with a key of an owner would have the owner's power.
    if (!mayMakeKeysFor(caller.role, member.role))
      throw new Problem('forbidden', 'Only an owner makes keys for an owner.');
  }
  const belowOwner = userId !== caller.userId && caller.role !== 'owner';
  const { apiKeysPerMember: perMember } = await readLimits(table, organizationId);
  const result = await createApiKey(
    table,
    { organizationId, userId, name, scope, maxSessions, expiresAt, belowOwner },
    { idempotencyKey: headers['idempotency-key'], createdBy: caller.userId, perMember, now },
  );
  switch (result.outcome) {
    case 'other':
      throw invalid('/headers/idempotency-key', 'was used for another request: make a new one');
    case 'forgotten':
      throw invalid(
        '/headers/idempotency-key',
        'names a key whose secret cannot be shown again: make a new key with a new Idempotency-Key',
      );
    // Perhaps the caller: its membership may have ended since its authentication.
    case 'no-member':
      throw notFound();
    case 'too-many':
      throw limitReached({ limit: 'apiKeysPerMember', value: perMember }, 'Revoke a key of this member first.', now);
    case 'created':
      return { status: 201, body: { ...apiKeyBody(result.apiKey), key: result.key } };
  }
});
