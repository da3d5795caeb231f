import * as z from 'zod';
import { Activation } from './activation.ts';
import { UtcTime } from './primitives.ts';
import { LicenseType } from './subscription.ts';

/** An activation in the history, with its start, its end and its member. */
export const Session = Activation.extend({
  activatedAt: UtcTime.meta({ description: 'When it began, on this machine: after a transfer, when it was moved.' }),
  userEmail: z
    .string()
    .nullable()
    .meta({ description: 'Of its member, also of one that was removed.', example: 'ada@acme.example' }),
  userName: z
    .string()
    .nullable()
    .meta({ description: 'Of its member, also of one that was removed.', example: 'Ada Lovelace' }),
  licenseType: LicenseType,
  waitedSeconds: z.int().nullable().meta({ description: 'How long it waited in the queue; null if it did not.' }),
  durationSeconds: z.int().meta({ description: 'From its start to its end, or until now.', example: 5400 }),
}).meta({ id: 'Session' });
