import type { Activation } from '../api.ts';
import type { Table } from './table.ts';

/** What runs now, of whom and where. */
export const onlineLicenses: Table<Activation> = {
  of: 'online licenses',
  columns: [
    ['License', ({ seat }) => seat],
    ['Session ID', ({ sessionId }) => sessionId],
    ['Machine ID', ({ machineId }) => machineId],
    ['Hostname', ({ hostname }) => hostname],
    ['User ID', ({ userId }) => userId],
    ['Since', ({ activatedAt }) => activatedAt],
    ['Lease until', ({ leaseExpiresAt }) => leaseExpiresAt],
  ],
};
