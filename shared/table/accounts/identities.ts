import { mailboxOf, readMemberships } from '../items/members.ts';
import { keys } from '../store/keys.ts';
import { getItem, type Table, update } from '../store/table.ts';
import { transact } from '../store/transactions.ts';

/** A sign-in, by the claims of a verified token. */
export interface SignIn {
  subject: string;
  /** Verified, in lower case. */
  email?: string;
  name?: string;
}

/**
 * Finds the user of a sign-in. The first sign-in with a verified email becomes the user of that address. A later sign-in
 * with the same address and another subject does not: the address may have a new owner.
 *
 * @returns undefined if the sign-in has no user
 */
export const userOf = async (table: Table, signIn: SignIn): Promise<string | undefined> => {
  const known = await readIdentity(table, signIn.subject);
  const { email } = signIn;
  if (known || !email) return known;
  const { userId, subject } = await mailboxOf(table, email);
  if (subject !== undefined) return subject === signIn.subject ? userId : undefined;
  const claimed = await transact(table, [
    {
      Update: {
        Key: keys.mailbox(email),
        UpdateExpression: 'SET subject = :subject',
        ConditionExpression: 'attribute_not_exists(subject) OR subject = :subject',
        ExpressionAttributeValues: { ':subject': signIn.subject },
      },
    },
    {
      Put: {
        Item: { ...keys.identity(signIn.subject), userId },
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    },
  ]);
  // Another sign-in was first, of this subject or of another with the same address.
  if (!claimed.done) return readIdentity(table, signIn.subject);
  if (signIn.name) await nameMember(table, userId, signIn.name);
  return userId;
};

/** Reads the user of a sign-in, by its subject. */
export const readIdentity = async (table: Table, subject: string): Promise<string | undefined> =>
  (await getItem(table, keys.identity(subject)))?.userId;

/** Names a member, who is called by its email until its first sign-in. */
const nameMember = async (table: Table, userId: string, name: string) => {
  for (const organizationId of Object.keys(await readMemberships(table, userId)))
    await update(table, {
      Key: keys.member(organizationId, userId),
      UpdateExpression: 'SET #name = :name',
      ConditionExpression: 'attribute_exists(pk) AND #name = email',
      ExpressionAttributeValues: { ':name': name },
    });
};
