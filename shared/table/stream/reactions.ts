import type { Invitation } from '../../domain/accounts/invitation.ts';
import type { QuotaSet } from '../../domain/history/quotas.ts';
import type { Refusal } from '../../domain/history/refusal.ts';
import type { SessionHistory } from '../../domain/history/session-history.ts';
import type { Session } from '../../domain/holder-record.ts';
import type { Subscription } from '../../domain/subscription.ts';
import type { Retained } from '../history/purge.ts';
import type { Due, Swept } from '../items/due-items.ts';
import type { ChallengedWebhook } from '../outbox/deliveries.ts';
import type { MailOccasion } from '../outbox/mails.ts';
import type { ChangeOf, Kind } from './change.ts';
import type { Lapse } from './end-lapsed-session.ts';
import type { EventDraft } from './event-draft.ts';

/**
 * The consequences of a change of one kind of item: a pure function for each. A function returns nothing for a change
 * without that consequence, such as a heartbeat.
 */
export interface Reactions<K extends Kind> {
  /** The checks that the schedule must make. */
  due?: (change: ChangeOf<K>) => Due[] | undefined;
  /** The check of a thing that is pending, unless it is complete by now. */
  unmade?: (change: ChangeOf<K>) => Due & { kind: 'pending-thing' };
  /** The items that the schedule must sweep, because a session claimed one. */
  sweep?: (change: ChangeOf<K>) => Swept | undefined;
  /** A session that began or ended: its request may not have finished. */
  record?: (change: ChangeOf<K>) => Session | undefined;
  /** The item's purge plan. */
  retention?: (change: ChangeOf<K>) => Retained | undefined;
  /** The activations that began or ended. */
  history?: (change: ChangeOf<K>) => SessionHistory;
  /** A session that lost its seat, or its license, to the end of its lease. */
  lapse?: (change: ChangeOf<K>) => Lapse | undefined;
  /** A refused activation. */
  refusal?: (change: ChangeOf<K>) => Refusal | undefined;
  /** A quota that was set. */
  quota?: (change: ChangeOf<K>) => QuotaSet | undefined;
  /** The audit event. */
  event?: (change: ChangeOf<K>) => EventDraft | undefined;
  /** A subscription whose terms changed, for the vendor's list of all. */
  sold?: (change: ChangeOf<K>) => Subscription | undefined;
  /** A webhook whose target must answer its challenge. */
  challenge?: (change: ChangeOf<K>) => ChallengedWebhook | undefined;
  /** An invitation that its address can accept, or no longer. */
  pending?: (change: ChangeOf<K>) => { invitation: Invitation; isOpen: boolean } | undefined;
  /** The mails to send. */
  mails?: (change: ChangeOf<K>) => MailOccasion | undefined;
}
