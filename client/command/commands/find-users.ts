import type { Client } from '../../client.ts';
import { CommandFailed } from '../exit-codes.ts';

/** A user as somebody named it: by an email, or by the ID. */
export interface NamedUser {
  readonly name: string;
  readonly userId: string;
}

/**
 * Finds the users that are named by email among the members; what is no email is taken for a user ID.
 *
 * @throws CommandFailed an email is no member's: nothing may be done then, as it is a typing error perhaps
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
    throw new CommandFailed('refused', `No member has the email ${[...missing].join(', ')}; a user ID works too.`);
  return names.map((name) => ({ name, userId: ids.get(name.toLowerCase()) ?? name }));
};
