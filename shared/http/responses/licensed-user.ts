import type * as z from 'zod';
import type { LicensedUser } from '../../contracts/schemas/licensed-user.ts';
import type { Member } from '../../domain/accounts/member.ts';
import { utc } from '../../domain/activation.ts';
import { isOnline, type License, lastUseOf } from '../../domain/license.ts';
import type { Subscription } from '../../domain/subscription.ts';

/** Returns a licensed user as the API shows it. */
export const licensedUserBody = (
  license: License,
  member: Pick<Member, 'email' | 'name'>,
  subscription: Pick<Subscription, 'expiresAt'>,
  now: number,
): z.input<typeof LicensedUser> => {
  const last = lastUseOf(license);
  return {
    userId: license.userId,
    email: member.email,
    name: member.name,
    licensedAt: utc(license.licensedAt),
    online: isOnline(license, subscription, now),
    ...(last && { lastUsedAt: utc(last.lastUsedAt), machineId: last.lastMachineId }),
  };
};
