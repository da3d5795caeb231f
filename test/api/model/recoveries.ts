import { expect } from 'vitest';
import { cancelRecovery } from '../../../shared/contracts/cancel-recovery.ts';
import { completeRecovery } from '../../../shared/contracts/complete-recovery.ts';
import { consentToRecovery } from '../../../shared/contracts/consent-to-recovery.ts';
import { listRecoveries } from '../../../shared/contracts/list-recoveries.ts';
import { startRecovery } from '../../../shared/contracts/start-recovery.ts';
import { day } from '../support/harness.ts';
import { byVendor, calls, everyMember, expectItems, longPage, type Scene, someId, which } from './call.ts';
import type { Organization, Recovery } from './state.ts';

const isOpen = ({ isCancelled, isCompleted, startedAt }: Recovery, now: number): boolean =>
  !isCancelled && !isCompleted && startedAt + 14 * day > now;

/** Whether the membership is still as it was at the start. */
const isOf = ({ members }: Organization, { userId, joinedAt, role }: Recovery): boolean => {
  const member = members.get(userId);
  return member?.joinedAt === joinedAt && member.role === role;
};

const statusOf = (organization: Organization, recovery: Recovery, now: number): string => {
  const { isCompleted, isCancelled, startedAt, consentedBy } = recovery;
  if (isCompleted) return 'completed';
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
const about = (scene: Scene, n: number) => {
  const recoveryId = someId(scene, ids, n);
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
          if (member)
            organization.recoveries.push({ ...member, id, startedAt: now, isCancelled: false, isCompleted: false });
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
          return recovery.isCompleted ? 'invalid-request' : 204;
        },
        done: () => {
          if (recovery) recovery.isCancelled = true;
        },
      };
    },
  }),
  calls({
    operation: completeRecovery,
    access: { to: 'signed-in' },
    mostly: 'member',
    args: which,
    plan: (scene, n) => {
      const { recoveryId } = about(scene, n);
      // The people of the model have one sign-in each: test/api/organizations/complete-recovery.test.ts has more.
      return { path: { recoveryId, organizationId: scene.organization.id }, expected: () => 'not-found' };
    },
  }),
];
