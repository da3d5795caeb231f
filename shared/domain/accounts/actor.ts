import type { Principal } from './principal.ts';

/**
 * The author of a write. Every item carries the actor of its last write, so the stream function can name the actor in the
 * audit event. A seat carries the actor of its last claim or renewal, in brief: `briefActor`.
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

/** How many characters of a key's ID a seat has: random ones, that two keys share once in 30,000,000,000 times. */
const briefKeyLength = 7;

/**
 * Returns an actor as a seat has it. Each refusal and list reads the seats, and no reader of a seat needs more than the end of
 * the API key's ID: `isThroughKey`.
 */
export const briefActor = (actor: Actor): Actor => {
  const { type, id } = actorParts(actor);
  return type === 'api-key' ? `api-key#${id.slice(-briefKeyLength)}#` : `${type}#`;
};

/** Returns whether an actor, brief or in full, used this API key. */
export const isThroughKey = (actor: Actor, keyId: string): boolean => {
  const used = keyOfActor(actor);
  return used !== undefined && used.length >= briefKeyLength && keyId.endsWith(used);
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
