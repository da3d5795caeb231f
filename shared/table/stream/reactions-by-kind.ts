import type { ChangeOf, Kind } from './change.ts';
import { completeEvent } from './event-draft.ts';
import { apiKey } from './reactions/accounts/api-key.ts';
import { invitation } from './reactions/accounts/invitation.ts';
import { limitWindow } from './reactions/accounts/limit-window.ts';
import { member } from './reactions/accounts/member.ts';
import { organization } from './reactions/accounts/organization.ts';
import { pendingThing } from './reactions/accounts/pending-thing.ts';
import { recovery } from './reactions/accounts/recovery.ts';
import { exported } from './reactions/history/export.ts';
import { refusal } from './reactions/history/refusal.ts';
import { tally } from './reactions/history/tally.ts';
import { usage } from './reactions/history/usage.ts';
import { license } from './reactions/license.ts';
import { machine } from './reactions/machine.ts';
import { offlineLicense } from './reactions/offline-license.ts';
import { alert } from './reactions/outbox/alert.ts';
import { delivery } from './reactions/outbox/delivery.ts';
import { mail } from './reactions/outbox/mail.ts';
import { notice } from './reactions/outbox/notice.ts';
import { webhook } from './reactions/outbox/webhook.ts';
import { product } from './reactions/product.ts';
import { seat, slot } from './reactions/seat.ts';
import { session } from './reactions/session.ts';
import { subscription } from './reactions/subscription.ts';
import type { Reactions } from './reactions.ts';

/** The reactions to changes, by the kind of the changed item. */
export const reactions: { readonly [K in Kind]: Reactions<K> } = {
  organization,
  product,
  member,
  recovery,
  invitation,
  'api-key': apiKey,
  subscription,
  notice,
  alert,
  webhook,
  delivery,
  mail,
  seat,
  slot,
  session,
  license,
  'offline-license': offlineLicense,
  machine,
  refusal,
  export: exported,
  tally,
  usage,
  'limit-window': limitWindow,
  'pending-thing': pendingThing,
};

/** Returns the reactions to a change. Each is computed when called, so that its error stops no reaction before it. */
export const reactionsTo = <K extends Kind>(change: ChangeOf<K>) => {
  const ofKind: Reactions<K> = reactions[change.kind];
  return {
    due: () => ofKind.due?.(change) ?? [],
    unmade: () => ofKind.unmade?.(change),
    sweep: () => ofKind.sweep?.(change),
    record: () => ofKind.record?.(change),
    retention: () => ofKind.retention?.(change),
    history: () => ofKind.history?.(change),
    lapse: () => ofKind.lapse?.(change),
    refusal: () => ofKind.refusal?.(change),
    quota: () => ofKind.quota?.(change),
    event: () => {
      const draft = ofKind.event?.(change);
      return draft && completeEvent(change, draft);
    },
    sold: () => ofKind.sold?.(change),
    challenge: () => ofKind.challenge?.(change),
    pending: () => ofKind.pending?.(change),
    mails: () => ofKind.mails?.(change),
  };
};
