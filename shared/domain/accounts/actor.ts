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

/** What an actor is, and its id in its kind. `userId`: the member that it is or, of an API key, acts as. */
export interface ActorParts {
  type: 'user' | 'api-key' | 'vendor' | 'service';
  id: string;
  userId?: string;
}

export const actorParts = (actor: Actor): ActorParts => {
  const type = actor.slice(0, actor.indexOf('#')) as ActorParts['type'];
  const name = actor.slice(type.length + 1);
  switch (type) {
    case 'user':
      return { type, id: name, userId: name };
    case 'api-key': {
      const end = name.indexOf('#');
      return { type, id: name.slice(0, end), userId: name.slice(end + 1) };
    }
    case 'vendor':
    case 'service':
      return { type, id: name };
  }
};
