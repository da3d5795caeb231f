import type * as z from 'zod';
import type { Session } from '../../contracts/schemas/session.ts';
import type { EverMember } from '../../domain/accounts/member.ts';
import { activationOf, utc } from '../../domain/activation.ts';
import { durationSeconds, isEnded } from '../../domain/history/session-history.ts';
import type { CurrentSession } from '../../table/reports/live-sessions.ts';

/** Returns a session of the history as the API shows it. */
export const sessionBody = (
  product: string,
  { session, leaseEndsAt }: CurrentSession,
  member: EverMember | undefined,
  now: number,
): z.input<typeof Session> => {
  const { licenseType, startedAt } = session;
  const status = isEnded(session) ? 'ended' : 'active';
  return {
    ...activationOf(product, { ...session, status, activatedAt: startedAt }, leaseEndsAt),
    userEmail: member?.email ?? null,
    userName: member?.name ?? null,
    licenseType,
    waitedSeconds: session.waitedSeconds ?? null,
    durationSeconds: durationSeconds(session, now),
  };
};

/** The columns of the CSV file. */
export const sessionColumns = [
  'Username',
  'User email',
  'Session ID',
  'Machine ID',
  'License type',
  'Started timestamp',
  'Duration',
] as const;

/** Returns the row of a session in the file. */
export const sessionRow = (
  { session }: CurrentSession,
  member: EverMember | undefined,
  now: number,
): (string | number)[] => [
  member?.name ?? '',
  member?.email ?? '',
  session.sessionId,
  session.machineId,
  session.licenseType,
  utc(session.startedAt),
  durationSeconds(session, now),
];
