import fc from 'fast-check';
import { expect } from 'vitest';
import { acceptInvitation } from '../../../shared/contracts/accept-invitation.ts';
import { invite } from '../../../shared/contracts/invite.ts';
import { listInvitations } from '../../../shared/contracts/list-invitations.ts';
import { listMembers } from '../../../shared/contracts/list-members.ts';
import { listYourInvitations } from '../../../shared/contracts/list-your-invitations.ts';
import { removeMember } from '../../../shared/contracts/remove-member.ts';
import { revokeInvitation } from '../../../shared/contracts/revoke-invitation.ts';
import { setMember } from '../../../shared/contracts/set-member.ts';
import type { Json } from '../support/harness.ts';
import { byManagers, calls, everyMember, expectItems, longPage, type Me, someId, which } from './call.ts';
import { count, expectLimit, invited, limitCode, passedBy } from './limits.ts';
import { endAll } from './sessions.ts';
import {
  currentInvitations,
  endLicense,
  type Invitation,
  isOpen,
  type Organization,
  pick,
  type Role,
} from './state.ts';

const someRole = fc.constantFrom<Role[]>('owner', 'admin', 'billing-manager', 'user', 'user');

/** Only an owner makes, changes or removes an owner. */
const mayAppoint = ({ appointsAs }: Pick<Me, 'appointsAs'>, ...roles: (Role | undefined)[]): boolean =>
  appointsAs === 'owner' || !roles.includes('owner');

const isLastOwner = ({ members }: Organization, userId: string): boolean =>
  members.get(userId)?.role === 'owner' && [...members.values()].filter(({ role }) => role === 'owner').length === 1;

/** Revokes what a member could no longer make: keys for others and open invitations; all its own too if it left. */
const withdraw = (organization: Organization, userId: string): void => {
  const role = organization.members.get(userId)?.role;
  const mayMakeFor = (of: Role | undefined) => role === 'owner' || (role === 'admin' && of !== 'owner');
  for (const key of organization.keys) {
    if (key.userId !== userId && key.madeBy !== userId) continue;
    const of = key.belowOwner ? undefined : organization.members.get(key.userId)?.role;
    if (role === undefined || (key.userId !== userId && !mayMakeFor(of))) key.isRevoked = true;
  }
  const revoked = new Set(organization.keys.filter(({ isRevoked }) => isRevoked).map(({ id }) => id));
  for (const invitation of currentInvitations(organization)) {
    const isTheirs = invitation.by === userId && !mayMakeFor(invitation.role);
    if (isTheirs || (invitation.byKey !== undefined && revoked.has(invitation.byKey)))
      if (invitation.acceptedBy === undefined) invitation.isRevoked = true;
  }
};

/** Ends all that a former member made and used. */
export const endGrantsAndUses = (organization: Organization, userId: string, now: number): void => {
  withdraw(organization, userId);
  for (const pool of organization.pools.values())
    if (pool.licenseType === 'per-user') endLicense(pool, userId, 'user-removed', now);
    else endAll(pool, (one) => one.userId === userId, 'user-removed', now);
};

const memberIds = ({ members, former }: Organization): string[] => [...members.keys(), ...members.keys(), ...former];
const invitationIds = (of: Organization): string[] => currentInvitations(of).map(({ id }) => id);
const find = (of: Organization, id: string) => currentInvitations(of).find((one) => one.id === id);

/** Whether the inviter could make an invitation now. */
const isBacked = (organization: Organization, { by, byKey, role }: Invitation): boolean => {
  const inviter = organization.members.get(by)?.role;
  const key = organization.keys.find(({ id }) => id === byKey);
  return !key?.isRevoked && (inviter === 'owner' || (inviter === 'admin' && role !== 'owner'));
};

export const members = [
  calls({
    operation: listMembers,
    access: { to: 'organization', roles: everyMember, keys: 'full' },
    mostly: 'member',
    plan: ({ organization }) => ({
      query: longPage,
      expected: () => 200,
      done: (answered) =>
        expectItems(
          answered,
          ({ userId, email, role }) => ({ userId, email, role }),
          [...organization.members.values()].map(({ userId, email, role }) => ({ userId, email, role })),
        ),
    }),
  }),
  calls({
    operation: setMember,
    access: byManagers,
    args: fc.record({ user: which, role: someRole }),
    plan: (scene, { user, role }) => {
      const { organization } = scene;
      const userId = someId(scene, memberIds, user);
      const member = organization.members.get(userId);
      return {
        path: { userId },
        body: { role },
        expected: (me) => {
          if (!member) return 'not-found';
          if (!mayAppoint(me, member.role, role)) return 'forbidden';
          return isLastOwner(organization, userId) && role !== 'owner' ? 'invalid-request' : 200;
        },
        done: (answered) => {
          expect(answered).toMatchObject({ userId, role });
          if (member?.role !== role) organization.events.push(`member.role-changed ${userId}`);
          if (member) member.role = role;
          withdraw(organization, userId);
        },
      };
    },
  }),
  calls({
    operation: removeMember,
    access: byManagers,
    args: which,
    plan: (scene, user) => {
      const { organization, now } = scene;
      const userId = someId(scene, memberIds, user);
      const member = organization.members.get(userId);
      return {
        path: { userId },
        expected: (me) => {
          if (!member) return organization.former.has(userId) ? 204 : 'not-found';
          if (!mayAppoint(me, member.role)) return 'forbidden';
          return isLastOwner(organization, userId) ? 'invalid-request' : 204;
        },
        done: () => {
          if (organization.members.delete(userId)) organization.events.push(`member.removed ${userId}`);
          organization.former.add(userId);
          endGrantsAndUses(organization, userId, now);
        },
      };
    },
  }),
];

export const invitations = [
  calls({
    operation: invite,
    weight: 2,
    access: byManagers,
    args: fc.record({
      people: fc.array(which, { minLength: 1, maxLength: 2 }),
      role: someRole,
      expiresInHours: fc.constantFrom(1, 24),
    }),
    plan: ({ model, organization, now }, { people, role, expiresInHours }) => {
      const emails = [...new Set(people.flatMap((n) => pick(model.people, n)?.email ?? []))];
      const counted = invited(organization, emails);
      const passed = passedBy(organization, counted, now);
      return {
        body: { emails, role, expiresInHours },
        expected: (me) => {
          if (!mayAppoint(me, role)) return 'forbidden';
          return passed.length > 0 ? limitCode(passed) : 200;
        },
        refused: (body) => expectLimit(body, passed, now),
        done: ({ items }, me) => {
          count(organization, counted, now);
          for (const { email, outcome, invitation } of items) {
            const isMember = organization.members.has(model.addresses.get(email) ?? '');
            expect(outcome).toBe(isMember ? 'already-member' : 'invited');
            if (isMember) continue;
            const { id, token } = invitation;
            const terms = { email, role, expiresAt: now + expiresInHours * 3_600_000 };
            organization.invitations.push({ id, token, ...terms, by: me.userId, byKey: me.key?.id, isRevoked: false });
          }
        },
      };
    },
  }),
  calls({
    operation: listInvitations,
    access: byManagers,
    plan: ({ organization, now }) => ({
      query: longPage,
      expected: () => 200,
      done: (answered) =>
        expectItems(
          answered,
          ({ email, role }) => ({ email, role }),
          currentInvitations(organization)
            .filter((one) => isOpen(one, now))
            .map(({ email, role }) => ({ email, role })),
        ),
    }),
  }),
  calls({
    operation: revokeInvitation,
    access: byManagers,
    args: which,
    plan: (scene, n) => {
      const invitationId = someId(scene, invitationIds, n);
      const invitation = find(scene.organization, invitationId);
      return {
        path: { invitationId },
        expected: () => (invitation ? 204 : 'not-found'),
        done: () => {
          if (invitation) invitation.isRevoked = true;
        },
      };
    },
  }),
  calls({
    operation: listYourInvitations,
    access: { to: 'signed-in' },
    mostly: 'member',
    plan: ({ model, now }) => ({
      expected: () => 200,
      // An invitation appears there once the stream has told of it.
      done: ({ items }, { email }) => {
        const open = model.organizations.flatMap((one) =>
          currentInvitations(one).filter((each) => each.email === email && isOpen(each, now)),
        );
        const tokens = open.map(({ token }) => token);
        expect(items.filter(({ token }: Json) => !tokens.includes(token))).toEqual([]);
      },
    }),
  }),
  calls({
    operation: acceptInvitation,
    weight: 2,
    access: { to: 'signed-in' },
    mostly: 'concerned',
    args: which,
    plan: ({ model, organization, now }, n) => {
      const open = currentInvitations(organization).filter((one) => isOpen(one, now));
      const invitation = pick(n % 3 === 2 ? organization.invitations : open, n) ?? pick(organization.invitations, n);
      const isCurrent = invitation && currentInvitations(organization).includes(invitation);
      return {
        path: { token: invitation?.token ?? 'none' },
        concerned: pick(
          model.people.filter(({ email }) => email === invitation?.email),
          n,
        ),
        expected: ({ email, userId }) => {
          if (!invitation || !isCurrent || invitation.email !== email || userId === '') return 'not-found';
          const isMember = organization.members.has(userId);
          if (invitation.acceptedBy !== undefined)
            return invitation.acceptedBy === userId && isMember ? 200 : 'not-found';
          if (!isOpen(invitation, now) || !isBacked(organization, invitation)) return 'not-found';
          if (invitation.by === userId && !isMember) return 'not-found';
          return invitation.role === 'owner' && invitation.byKey !== undefined ? 'not-found' : 200;
        },
        done: (answered, { userId }) => {
          expect(answered).toMatchObject({ userId, organizationId: organization.id });
          if (!invitation) return;
          invitation.acceptedBy = userId;
          if (organization.members.has(userId)) return;
          const { email, role } = invitation;
          organization.members.set(userId, { userId, email, role, joinedAt: now });
          organization.events.push(`member.added ${userId}`);
          expect(answered.role).toBe(role);
        },
      };
    },
  }),
];
