import fc from 'fast-check';
import { expect } from 'vitest';
import { createOrganization } from '../../../shared/contracts/create-organization.ts';
import { getLimits } from '../../../shared/contracts/get-limits.ts';
import { getMe } from '../../../shared/contracts/get-me.ts';
import { getOrganization } from '../../../shared/contracts/get-organization.ts';
import { health } from '../../../shared/contracts/health.ts';
import { jwks } from '../../../shared/contracts/jwks.ts';
import { listOrganizations } from '../../../shared/contracts/list-organizations.ts';
import { openapiDocument } from '../../../shared/contracts/openapi-document.ts';
import { setLimits } from '../../../shared/contracts/set-limits.ts';
import { stamp } from '../support/harness.ts';
import { byVendor, calls, everyMember, expectItems, longPage, type Me } from './call.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { type Model, roleOfKey } from './state.ts';

export const firstLimits: Limits = {
  ...{ apiKeysPerMember: 3, webhooks: 2, invitationsPerDay: 3, invitationsPerAddressAndDay: 1 },
  ...{ redeliveriesPerMinute: 1, alertTestsPerDay: 2, offlineLicensesPerDay: 2 },
};

const memberships = ({ organizations }: Model, { userId, key }: Me, now: number) =>
  organizations.flatMap((organization) => {
    const ofKey = key && organization.keys.includes(key) ? roleOfKey(organization, key, now) : undefined;
    const role = key ? ofKey : organization.members.get(userId)?.role;
    return role ? [{ organizationId: organization.id, role }] : [];
  });

export const organizations = [
  calls({
    operation: createOrganization,
    access: { to: 'vendor' },
    mostly: 'vendor',
    plan: () => ({ body: { name: 'Another', ownerEmail: `${stamp()}@example.com` }, expected: () => 201 }),
  }),
  calls({
    operation: listOrganizations,
    access: { to: 'signed-in' },
    mostly: 'member',
    plan: ({ model, now }) => ({
      query: longPage,
      expected: () => 200,
      done: (answered, me) => {
        // The vendor sees those of all runs.
        if (me.userId === model.vendor.userId) return;
        expectItems(answered, ({ id, role }) => ({ organizationId: id, role }), memberships(model, me, now));
      },
    }),
  }),
  calls({
    operation: getOrganization,
    access: { to: 'organization', roles: everyMember, vendor: true, keys: 'full' },
    mostly: 'member',
    plan: ({ organization }) => ({
      expected: () => 200,
      done: ({ id }) => expect(id).toBe(organization.id),
    }),
  }),
  calls({
    operation: getMe,
    access: { to: 'known' },
    mostly: 'member',
    plan: ({ model, now }) => ({
      expected: () => 200,
      done: (answered, me) => {
        const isVendor = me.userId === model.vendor.userId;
        expect(answered).toMatchObject({ vendor: isVendor, keyId: me.key?.id ?? null, scope: me.key?.scope ?? null });
        expectItems({ items: answered.memberships }, (one) => one, memberships(model, me, now));
      },
    }),
  }),
  calls({
    operation: getLimits,
    access: { to: 'organization', roles: ['owner', 'admin'], vendor: true, keys: 'full' },
    plan: ({ organization }) => ({
      expected: () => 200,
      done: (answered) => expect(answered).toMatchObject(organization.limits),
    }),
  }),
  calls({
    operation: setLimits,
    access: byVendor,
    mostly: 'vendor',
    args: fc.record(
      {
        apiKeysPerMember: fc.constantFrom(1, 2, 3),
        webhooks: fc.constantFrom(0, 1, 3),
        invitationsPerDay: fc.constantFrom(1, 4),
        invitationsPerAddressAndDay: fc.constantFrom(0, 1, 2),
        redeliveriesPerMinute: fc.constantFrom(0, 1, 3),
        offlineLicensesPerDay: fc.constantFrom(0, 1, 3, null),
      },
      { requiredKeys: ['apiKeysPerMember', 'webhooks'] },
    ),
    plan: ({ organization }, limits) => ({
      body: limits,
      expected: () => 200,
      done: (answered) => {
        organization.limits = { ...defaultLimits, ...limits };
        expect(answered).toMatchObject(organization.limits);
      },
    }),
  }),
  ...[health, openapiDocument, jwks].map((operation) =>
    calls({ operation, access: { to: 'anyone' }, plan: () => ({ expected: () => 200 }) }),
  ),
];
