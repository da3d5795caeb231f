import fc from 'fast-check';
import { expect } from 'vitest';
import { changeApiKey } from '../../../shared/contracts/change-api-key.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { listApiKeys } from '../../../shared/contracts/list-api-keys.ts';
import { revokeApiKey } from '../../../shared/contracts/revoke-api-key.ts';
import type { Json } from '../support/harness.ts';
import { calls, everyMember, longPage, type Me, managers, someId, which } from './call.ts';
import { isGood, type Organization, type Role } from './state.ts';

const mayMakeKeysFor = ({ role }: Me, of: Role | undefined): boolean =>
  role === 'owner' || (role === 'admin' && of !== 'owner');

const keyIds = ({ keys }: Organization): string[] => keys.map(({ id }) => id);

export const keys = [
  calls({
    operation: createApiKey,
    weight: 3,
    access: { to: 'organization', roles: everyMember, keys: 'none' },
    mostly: 'member',
    args: fc.record({
      scope: fc.constantFrom('activate' as const, 'full' as const),
      maxSessions: fc.constantFrom(null, null, null, 1),
      lastsMinutes: fc.constantFrom(null, null, 30),
      user: fc.option(which, { freq: 2 }),
    }),
    plan: (scene, { scope, maxSessions, lastsMinutes, user }) => {
      const { organization, now } = scene;
      const expiresAt = lastsMinutes === null ? null : now + lastsMinutes * 60_000;
      const asked =
        user === null ? undefined : someId(scene, ({ members, former }) => [...members.keys(), ...former], user);
      const userOf = (me: Me) => asked ?? me.userId;
      return {
        body: {
          ...{ name: 'k', scope, maxSessions, ...(asked !== undefined && { userId: asked }) },
          expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
        },
        expected: (me) => {
          if (maxSessions !== null && !me.manages) return 'forbidden';
          const userId = userOf(me);
          if (userId !== me.userId) {
            if (!me.manages) return 'forbidden';
            const member = organization.members.get(userId);
            if (!member) return 'not-found';
            if (!mayMakeKeysFor(me, member.role)) return 'forbidden';
          }
          const good = organization.keys.filter((key) => key.userId === userId && isGood(key, now));
          return good.length >= organization.limits.apiKeysPerMember ? 'limit-exceeded' : 201;
        },
        done: ({ id, key, createdBy }, me) => {
          const userId = userOf(me);
          expect(createdBy).toBe(me.userId);
          const belowOwner = userId !== me.userId && me.role !== 'owner';
          const made = { id, bearer: key, userId, madeBy: me.userId, scope, maxSessions, expiresAt };
          organization.keys.push({ ...made, belowOwner, isRevoked: false });
        },
      };
    },
  }),
  calls({
    operation: listApiKeys,
    access: { to: 'organization', roles: everyMember, keys: 'full' },
    mostly: 'member',
    plan: ({ organization }) => ({
      query: longPage,
      expected: () => 200,
      done: ({ items }, { userId, manages }) => {
        const shown = organization.keys.filter((key) => !key.isRevoked && (manages || key.userId === userId));
        expect(items.map(({ id }: Json) => id).sort()).toEqual(shown.map(({ id }) => id).sort());
        for (const item of items) expect(item).not.toHaveProperty('key');
      },
    }),
  }),
  calls({
    operation: changeApiKey,
    access: { to: 'organization', roles: managers, keys: 'none' },
    args: fc.record({ key: which, maxSessions: fc.constantFrom(null, 1, 2) }),
    plan: (scene, { key: n, maxSessions }) => {
      const { organization } = scene;
      const keyId = someId(scene, keyIds, n);
      const key = organization.keys.find(({ id }) => id === keyId);
      return {
        path: { keyId },
        body: { maxSessions },
        expected: (me) => {
          if (!key || key.isRevoked) return 'not-found';
          return mayMakeKeysFor(me, organization.members.get(key.userId)?.role) ? 200 : 'forbidden';
        },
        done: (answered) => {
          expect(answered).toMatchObject({ id: keyId, maxSessions });
          if (key) key.maxSessions = maxSessions;
        },
      };
    },
  }),
  calls({
    operation: revokeApiKey,
    access: { to: 'organization', roles: everyMember, keys: 'full' },
    mostly: 'concerned',
    args: which,
    plan: (scene, n) => {
      const { organization } = scene;
      const keyId = someId(scene, keyIds, n);
      const key = organization.keys.find(({ id }) => id === keyId);
      return {
        path: { keyId },
        concerned: key?.userId,
        expected: (me) => (key && (me.manages || key.userId === me.userId) ? 204 : 'not-found'),
        done: () => {
          if (key) key.isRevoked = true;
          for (const invitation of organization.invitations)
            if (invitation.byKey === keyId && invitation.acceptedBy === undefined) invitation.isRevoked = true;
        },
      };
    },
  }),
];
