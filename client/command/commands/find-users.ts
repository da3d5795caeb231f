import type { Client } from '../../client.ts';
import { CommandFailed } from '../exit-codes.ts';

/** A user as named on the command line, by email or ID. */
export interface NamedUser {
  readonly name: string;
  readonly userId: string;
}

/**
 * Looks up users by email among the members. A name without `@` counts as a user ID.
 *
 * @throws CommandFailed if no member has one of the emails, before anything is changed: it may be a typing error
 */
export const findUsers = async (client: Client, names: readonly string[]): Promise<NamedUser[]> => {
  const missing = new Set(names.filter((name) => name.includes('@')).map((email) => email.toLowerCase()));
  const ids = new Map<string, string>();
  if (missing.size > 0)
    for await (const { email, userId } of client.listMembers({ limit: 200 })) {
      const key = email.toLowerCase();
      if (missing.delete(key)) ids.set(key, userId);
      if (missing.size === 0) break;
    }
  if (missing.size > 0)
    throw new CommandFailed('missing', `No member has the email ${[...missing].join(', ')}; a user ID works too.`);
  return names.map((name) => ({ name, userId: ids.get(name.toLowerCase()) ?? name }));
};
