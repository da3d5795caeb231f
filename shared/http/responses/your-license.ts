import type * as z from 'zod';
import type { YourLicense } from '../../contracts/schemas/your-license.ts';
import { liveActivation, utc } from '../../domain/activation.ts';
import type { OwnUse } from '../../table/reports/own-use.ts';
import { summaryOf } from './subscription.ts';

/** Returns a member's use of a product as the API shows it. */
export const yourLicenseBody = (
  { subscription, license, seats, refusals }: OwnUse,
  now: number,
): z.input<typeof YourLicense> => ({
  ...summaryOf(subscription, now),
  expiresAt: utc(subscription.expiresAt),
  licensedAt: license ? utc(license.licensedAt) : null,
  activations: seats.map((seat) => liveActivation(subscription, seat)),
  refusals: refusals.map(({ at, sessionId, machineId, reason, quota, inUse }) => ({
    at: utc(at),
    sessionId,
    machineId,
    reason,
    quota,
    inUse,
  })),
});
