import type * as z from 'zod';
import type { Recovery as RecoveryBody } from '../../contracts/schemas/organization.ts';
import { utc } from '../../domain/activation.ts';
import type { RecoveryWithStatus } from '../../table/accounts/recoveries.ts';

/** Returns a recovery as the API shows it. */
export const recoveryBody = (recovery: RecoveryWithStatus): z.input<typeof RecoveryBody> => ({
  id: recovery.id,
  userId: recovery.userId,
  email: recovery.email,
  role: recovery.role,
  startedAt: utc(recovery.startedAt),
  effectiveAt: utc(recovery.effectiveAt),
  expiresAt: utc(recovery.expiresAt),
  consentedBy: recovery.consentedBy ?? null,
  status: recovery.status,
});
