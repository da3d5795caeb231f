import type { Principal } from './principal.ts';

/**
 * The author of a write. Every item carries the actor of its last write, so the stream function can name the actor in the
 * audit event.
 *
 * - `user#<userId>`: a person who signed in
 * - `api-key#<keyId>#<userId>`: a member, through one of its API keys
 * - `vendor#<subject>`: the vendor, by the subject of the sign-in
 * - `service#<part>`: a part of the service itself, for example its schedule
 */
export type Actor = `user#${string}` | `api-key#${string}#${string}` | `vendor#${string}` | `service#${string}`;

/**
 * Returns the actor of a caller's writes.
 *
 * @param options.asVendor whether a caller who is both vendor and member acts as the vendor
 */
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

/** An actor, taken apart. */
export interface ActorParts {
  type: 'user' | 'api-key' | 'vendor' | 'service';
  /** The ID within the type: of the user, the key, the vendor's sign-in, or the name of a part of the service. */
  id: string;
  /** The user itself, or the member that an API key acts as. */
  userId?: string;
}

/** Returns the API key that an actor used, if any. */
export const keyOfActor = (actor: Actor): string | undefined => {
  const { type, id } = actorParts(actor);
  return type === 'api-key' ? id : undefined;
};

/** Returns the type and the IDs of an actor. */
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
