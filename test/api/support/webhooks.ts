import type { AuditAction } from '../../../shared/contracts/schemas/audit-event.ts';
import type { AuditEvent } from '../../../shared/domain/history/audit.ts';
import type { Table } from '../../../shared/table/store/table.ts';
import { confirm } from '../../table/support/confirmed-webhooks.ts';
import { clock, stamp } from './harness.ts';

/** Confirms a webhook that the API has just created, and gives its ID. */
export const confirmed = async (table: Table, organizationId: string, { id }: { id: string }): Promise<string> => {
  await confirm(table, { organizationId, id });
  return id;
};

/** An event that happened now, later than the one before. */
export const someEvent = (organizationId: string, changes: Partial<AuditEvent> = {}): AuditEvent => {
  clock.tick();
  return {
    id: stamp(),
    at: Date.now(),
    organizationId,
    action: 'license.refused' satisfies AuditAction,
    actor: 'user#usr_a',
    target: { type: 'activation', id: 'build-4711' },
    product: 'KRE',
    details: { reason: 'license-quota', quota: 10 },
    ...changes,
  };
};
