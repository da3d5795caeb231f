import fc from 'fast-check';
import { expect } from 'vitest';
import { changeApiKey } from '../../../shared/contracts/change-api-key.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { listApiKeys } from '../../../shared/contracts/list-api-keys.ts';
import { revokeApiKey } from '../../../shared/contracts/revoke-api-key.ts';
import type { Json } from '../support/harness.ts';
import { calls, everyMember, longPage, type Me, managers, someId, which } from './call.ts';
import { isSame, keyed, someKey } from './repetitions.ts';
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
      some: someKey,
    }),
    plan: (scene, { lastsMinutes, user, some, ...drawn }) => {
      const { organization, now } = scene;
      const request = keyed(organization, createApiKey, '', some, {
        ...{ name: 'k', ...drawn },
        expiresAt: lastsMinutes === null ? null : new Date(now + lastsMinutes * 60_000).toISOString(),
        userId:
          user === null ? undefined : someId(scene, ({ members, former }) => [...members.keys(), ...former], user),
      });
      const { scope, maxSessions, userId: asked } = request.body;
      const expiresAt = request.body.expiresAt === null ? null : Date.parse(request.body.expiresAt);
      const userOf = (me: Me) => asked ?? me.userId;
      const isBelowOwner = (me: Me) => userOf(me) !== me.userId && me.role !== 'owner';
      const madeBefore = (me: Me) => organization.keys.find(({ id }) => id === request.before(me)?.id);
      const { apiKeysPerMember: most } = organization.limits;
      return {
        ...request.asked,
        expected: (me) => {
          if (expiresAt !== null && expiresAt <= now) return 'invalid-request';
          if (maxSessions !== null && !me.manages) return 'forbidden';
          const userId = userOf(me);
          if (userId !== me.userId) {
            if (!me.manages) return 'forbidden';
            const member = organization.members.get(userId);
            if (!member) return 'not-found';
            if (!mayMakeKeysFor(me, member.role)) return 'forbidden';
          }
          const before = madeBefore(me);
          if (before) {
            const asMade = {
              scope: before.scope,
              maxSessions: before.maxSessions,
              expiresAt: before.expiresAt,
              of: before.userId,
            };
            const isRepeated = isSame(asMade, { scope, maxSessions, expiresAt, of: userId });
            // Nobody is told a key of more rights than it could make now.
            const mayHave = before.belowOwner || !isBelowOwner(me);
            return isRepeated && mayHave && !before.isRevoked ? 201 : 'invalid-request';
          }
          const good = organization.keys.filter((key) => key.userId === userId && isGood(key, now));
          return good.length >= most ? 'limit-exceeded' : 201;
        },
        done: (answered, me) => {
          const { id, key, createdBy } = answered;
          const before = madeBefore(me);
          if (before) return void expect({ id, bearer: key }).toEqual({ id: before.id, bearer: before.bearer });
          const userId = userOf(me);
          expect(createdBy).toBe(me.userId);
          expect(keyIds(organization)).not.toContain(id);
          const made = { id, bearer: key, userId, madeBy: me.userId, scope, maxSessions, expiresAt };
          organization.keys.push({ ...made, belowOwner: isBelowOwner(me), isRevoked: false });
          request.note(answered, me);
        },
        refused: ({ code, limit, value }) =>
          code === 'limit-exceeded' && expect({ limit, value }).toEqual({ limit: 'apiKeysPerMember', value: most }),
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
