import type { Actor } from '../../domain/accounts/actor.ts';
import type { AuditEvent } from '../../domain/history/audit.ts';
import type { Item } from '../store/table.ts';

/** What a change tells: an event without what every event has. */
export type EventDraft = Pick<AuditEvent, 'action' | 'target' | 'details'> & {
  /** When it happened, where an item says so (epoch ms). Otherwise it is the stream's time of the change. */
  at?: number;
  /** Who did it, where that is not who wrote last. */
  actor?: Actor;
};

/** What a change of one kind of item tells, if it means something to a person. */
export type EventMapper = (before: Item | undefined, after: Item) => EventDraft | undefined;

/** An item by its type, if there is one. */
export const as = <T>(item: Item | undefined): T | undefined => item as unknown as T | undefined;
