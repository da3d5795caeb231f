import { mailboxOf, readMemberships } from '../items/members.ts';
import { keys } from '../store/keys.ts';
import { getItem, put, type Table, update } from '../store/table.ts';

/** A sign-in, by the claims of a verified token. */
export interface SignIn {
  subject: string;
  /** Verified, in lower case. */
  email?: string;
  name?: string;
}

/**
 * Finds the user of a sign-in. The first sign-in with a verified email becomes the user of that address. A later sign-in
 * with the same address and another subject does not: the address may have a new owner. The address names its subject first,
 * then the subject its user: if the first sign-in stops between, the next one goes on.
 *
 * @returns undefined if the sign-in has no user
 */
export const userOf = async (table: Table, signIn: SignIn): Promise<string | undefined> => {
  const known = await readIdentity(table, signIn.subject);
  const { email } = signIn;
  if (known || !email) return known;
  const { userId, subject } = await mailboxOf(table, email);
  if (subject !== undefined && subject !== signIn.subject) return undefined;
  const claimed = await update(table, {
    Key: keys.mailbox(email),
    UpdateExpression: 'SET subject = :subject',
    ConditionExpression: 'userId = :userId AND (attribute_not_exists(subject) OR subject = :subject)',
    ExpressionAttributeValues: { ':userId': userId, ':subject': signIn.subject },
  });
  if (!claimed.done) return readIdentity(table, signIn.subject);
  if (signIn.name) await nameMember(table, userId, signIn.name);
  if (await giveIdentity(table, signIn.subject, userId)) return userId;
  // The sign-in became another user meanwhile, by another address of its: this address stays open to the next one.
  await update(table, {
    Key: keys.mailbox(email),
    UpdateExpression: 'REMOVE subject',
    ConditionExpression: 'userId = :userId AND subject = :subject',
    ExpressionAttributeValues: { ':userId': userId, ':subject': signIn.subject },
  });
  return readIdentity(table, signIn.subject);
};

/**
 * Makes a sign-in this user, unless it is another one already.
 *
 * @returns whether the sign-in is this user
 */
export const giveIdentity = async (table: Table, subject: string, userId: string): Promise<boolean> => {
  const { done, item } = await put(table, {
    Item: { ...keys.identity(subject), userId },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  return done || item?.userId === userId;
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
