import * as z from 'zod';
import { MachineId, OfflineLicenseId, ProductCode, UserId, UtcTime } from './primitives.ts';

/** A license for one machine without a network, until it expires. The organization can't revoke or transfer it. */
export const OfflineLicense = z
  .object({
    id: OfflineLicenseId,
    product: ProductCode,
    machineId: MachineId,
    userId: UserId.nullable().meta({ description: 'The member who uses it; null if it was made for none.' }),
    issuedAt: UtcTime,
    expiresAt: UtcTime.meta({ description: 'From then on its seat is free.' }),
    status: z.enum(['active', 'expired', 'voided']).meta({
      description: '`voided`: the vendor voided it. Its seat is free, but its file verifies until `expiresAt`.',
    }),
    voidedAt: UtcTime.optional().meta({ description: 'When the vendor voided it; absent otherwise.' }),
    voidReason: z.string().optional().meta({ description: 'Why the vendor voided it.' }),
    fileName: z.string().meta({
      description: '`<product>_<machineId>.lic`, the machine ID percent-encoded.',
      example: 'KSE_laptop-12.lic',
    }),
    description: z.string().nullable(),
  })
  .meta({ id: 'OfflineLicense' });
