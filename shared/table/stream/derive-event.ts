import type { Actor } from '../../domain/accounts/actor.ts';
import type { AuditEvent } from '../../domain/history/audit.ts';
import type { Change } from '../store/change.ts';
import { kindOfItem, poolOfItem } from '../store/keys.ts';
import { accountEvents } from './account-events.ts';
import type { EventMapper } from './event-types.ts';
import { licenseEvents } from './license-events.ts';

/** By the kind of the item. Of all the others nothing is told: seats and slots, what is due, mailboxes, sign-ins. */
const eventMappers: Readonly<Record<string, EventMapper>> = { ...accountEvents, ...licenseEvents };

/**
 * The one event that a change is, or undefined for the many that mean nothing to a person: heartbeats, claims in flight,
 * those that were voided before anybody was told of them, the engine's own notes, and deletions, which are purges.
 *
 * @example
 * eventOf(change) // { id: change.id, at, organizationId, action: 'member.removed', actor: 'user#…', target, details }
 */
export const eventOf = ({ id, at, before, after }: Change): AuditEvent | undefined => {
  if (!after) return undefined;
  const draft = eventMappers[kindOfItem(after)]?.(before, after);
  if (!draft) return undefined;
  const { organizationId, product } = poolOfItem(after);
  const { action, target, details } = draft;
  return {
    id,
    at: draft.at ?? at,
    organizationId,
    action,
    actor: draft.actor ?? (after.actor as Actor),
    target,
    ...(target.type === 'subscription' ? { product: target.id } : product !== '' && { product }),
    details: Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)),
  };
};
