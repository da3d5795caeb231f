import type { Principal } from './principal.ts';

/**
 * Who writes, and through what. Every item carries the actor of its last write, so that the table's stream can tell who
 * changed what.
 *
 * - `user#<userId>`: a person who signed in
 * - `api-key#<keyId>#<userId>`: a member, through one of its API keys
 * - `vendor#<subject>`: the vendor, by the subject of the sign-in
 * - `service#<part>`: the service itself: its schedule, say
 */
export type Actor = `user#${string}` | `api-key#${string}#${string}` | `vendor#${string}` | `service#${string}`;

/** The actor that a caller is. A vendor acts as such where it is no member: `asVendor`. */
export const actorOf = (principal: Principal, { asVendor = false }: { asVendor?: boolean } = {}): Actor => {
  switch (principal.type) {
    case 'nobody':
      return 'service#public';
    case 'api-key':
      return `api-key#${principal.keyId}#${principal.userId}`;
    case 'user':
      if (principal.vendor && (asVendor || !principal.userId)) return `vendor#${principal.subject}`;
      return `user#${principal.userId ?? principal.subject}`;
  }
};
