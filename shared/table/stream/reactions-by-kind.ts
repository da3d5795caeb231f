import type { ChangeOf, Kind } from './change.ts';
import { completeEvent } from './event-draft.ts';
import { alert } from './reactions/alert.ts';
import { apiKey } from './reactions/api-key.ts';
import { delivery } from './reactions/delivery.ts';
import { exported } from './reactions/export.ts';
import { invitation } from './reactions/invitation.ts';
import { license } from './reactions/license.ts';
import { limitWindow } from './reactions/limit-window.ts';
import { machine } from './reactions/machine.ts';
import { mail } from './reactions/mail.ts';
import { member } from './reactions/member.ts';
import { notice } from './reactions/notice.ts';
import { offlineLicense } from './reactions/offline-license.ts';
import { organization } from './reactions/organization.ts';
import { recovery } from './reactions/recovery.ts';
import { refusal } from './reactions/refusal.ts';
import { seat, slot } from './reactions/seat.ts';
import { session } from './reactions/session.ts';
import { subscription } from './reactions/subscription.ts';
import { tally } from './reactions/tally.ts';
import { usage } from './reactions/usage.ts';
import { webhook } from './reactions/webhook.ts';
import type { Reactions } from './reactions.ts';

const reactions: { readonly [K in Kind]: Reactions<K> } = {
  organization,
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
};

/** Returns the reactions to a change. Each is computed when called, so that its error stops no reaction before it. */
export const reactionsTo = <K extends Kind>(change: ChangeOf<K>) => {
  const ofKind: Reactions<K> = reactions[change.kind];
  return {
    due: () => ofKind.due?.(change) ?? [],
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
