import { expect } from 'vitest';
import { cancelRecovery } from '../../../shared/contracts/cancel-recovery.ts';
import { completeRecovery } from '../../../shared/contracts/complete-recovery.ts';
import { consentToRecovery } from '../../../shared/contracts/consent-to-recovery.ts';
import { listRecoveries } from '../../../shared/contracts/list-recoveries.ts';
import { startRecovery } from '../../../shared/contracts/start-recovery.ts';
import { day } from '../support/harness.ts';
import { byVendor, calls, everyMember, expectItems, longPage, type Scene, someId, which } from './call.ts';
import { type Organization, type Person, pick, type Recovery } from './state.ts';

const isOpen = ({ isCancelled, completedAs, startedAt }: Recovery, now: number): boolean =>
  !isCancelled && completedAs === undefined && startedAt + 14 * day > now;

/** Whether the membership is still as it was at the start. */
const isOf = ({ members }: Organization, { userId, joinedAt, role }: Recovery): boolean => {
  const member = members.get(userId);
  return member?.joinedAt === joinedAt && member.role === role;
};

const statusOf = (organization: Organization, recovery: Recovery, now: number): string => {
  const { completedAs, isCancelled, startedAt, consentedBy } = recovery;
  if (completedAs !== undefined) return 'completed';
  if (isCancelled) return 'cancelled';
  if (!isOpen(recovery, now) || !isOf(organization, recovery)) return 'lapsed';
  const hasConsent = consentedBy !== undefined && organization.members.has(consentedBy);
  return startedAt + 3 * day <= now || hasConsent ? 'ready' : 'waiting';
};

/** The last recovery of each member. */
const lastOnes = ({ recoveries }: Organization): Recovery[] => [
  ...new Map(recoveries.map((one) => [one.userId, one])).values(),
];
const ids = (organization: Organization): string[] => lastOnes(organization).map(({ id }) => id);
/** Returns mostly a recovery that is open. */
const about = (scene: Scene, n: number) => {
  const open = lastOnes(scene.organization).filter((one) => isOpen(one, scene.now));
  const recoveryId = (n % 4 < 3 && pick(open, n)?.id) || someId(scene, ids, n);
  return { recoveryId, recovery: lastOnes(scene.organization).find(({ id }) => id === recoveryId) };
};

const bySignIn = { to: 'organization', roles: everyMember, keys: 'none' } as const;

export const recoveries = [
  calls({
    operation: startRecovery,
    weight: 2,
    access: byVendor,
    mostly: 'vendor',
    args: which,
    plan: (scene, user) => {
      const { organization, now } = scene;
      const userId = someId(scene, ({ members, former }) => [...members.keys(), ...former], user);
      const member = organization.members.get(userId);
      const before = lastOnes(organization).find((one) => one.userId === userId);
      const isRepeated = before && isOpen(before, now) && isOf(organization, before);
      return {
        body: { userId },
        expected: () => {
          if (!member) return 'not-found';
          return isRepeated ? 200 : 201;
        },
        done: ({ id }) => {
          if (isRepeated) return void expect(id).toBe(before.id);
          if (member) organization.recoveries.push({ ...member, id, startedAt: now, isCancelled: false });
        },
      };
    },
  }),
  calls({
    operation: listRecoveries,
    access: { to: 'organization', roles: everyMember, vendor: true, keys: 'full' },
    mostly: 'member',
    plan: ({ organization, now }) => ({
      query: longPage,
      expected: () => 200,
      done: (answered) =>
        expectItems(
          answered,
          ({ id, status }) => ({ id, status }),
          lastOnes(organization).map((one) => ({ id: one.id, status: statusOf(organization, one, now) })),
        ),
    }),
  }),
  calls({
    operation: consentToRecovery,
    weight: 2,
    access: bySignIn,
    mostly: 'member',
    args: which,
    plan: (scene, n) => {
      const { recoveryId, recovery } = about(scene, n);
      return {
        path: { recoveryId },
        expected: ({ userId }) => {
          if (!recovery) return 'not-found';
          if (recovery.userId === userId) return 'forbidden';
          const isRepeated = recovery.consentedBy === userId && !recovery.isCancelled;
          return isRepeated || isOpen(recovery, scene.now) ? 200 : 'invalid-request';
        },
        done: (_, { userId }) => {
          if (recovery) recovery.consentedBy = userId;
        },
      };
    },
  }),
  calls({
    operation: cancelRecovery,
    access: { ...bySignIn, vendor: true },
    mostly: 'concerned',
    args: which,
    plan: (scene, n) => {
      const { recoveryId, recovery } = about(scene, n);
      return {
        path: { recoveryId },
        concerned: recovery?.userId,
        expected: ({ role, manages, userId }) => {
          if (role && !manages && recovery?.userId !== userId) return 'forbidden';
          if (!recovery) return 'not-found';
          return recovery.completedAs === undefined ? 204 : 'invalid-request';
        },
        done: () => {
          if (recovery) recovery.isCancelled = true;
        },
      };
    },
  }),
  calls({
    operation: completeRecovery,
    weight: 3,
    access: { to: 'signed-in' },
    mostly: 'concerned',
    args: which,
    plan: (scene, n) => {
      const { model, organization, now } = scene;
      const { recoveryId, recovery } = about(scene, n);
      const { people, addresses } = model;
      return {
        path: { recoveryId, organizationId: organization.id },
        concerned: pick(
          people.filter(({ email, userId }) => email === recovery?.email && userId !== recovery.userId),
          n,
        ),
        expected: ({ userId, email }) => {
          if (!recovery) return 'not-found';
          const isMember = organization.members.has(userId);
          if (recovery.completedAs !== undefined)
            return isMember && userId === recovery.completedAs ? 200 : 'not-found';
          const isTheirs = email === recovery.email && userId !== recovery.userId && userId !== recovery.consentedBy;
          return isTheirs && !isMember && statusOf(organization, recovery, now) === 'ready' ? 200 : 'not-found';
        },
        done: (answered, me) => {
          if (!recovery || recovery.completedAs !== undefined) return;
          const { email, role } = recovery;
          const { userId } = answered;
          expect(answered).toMatchObject({ organizationId: organization.id, email, role });
          if (me.userId === '') {
            expect(people.map((person) => person.userId)).not.toContain(userId);
            Object.assign(me.person as Person, { userId });
          } else expect(userId).toBe(me.userId);
          recovery.completedAs = userId;
          organization.members.delete(recovery.userId);
          organization.former.add(recovery.userId);
          organization.members.set(userId, { userId, email, role, joinedAt: now });
          organization.events.push(`member.removed ${recovery.userId}`, `member.added ${userId}`);
          if (addresses.get(email) === recovery.userId) addresses.set(email, userId);
        },
      };
    },
  }),
];
