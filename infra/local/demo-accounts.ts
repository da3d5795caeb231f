/** An account that can sign in. */
export interface Account {
  email: string;
  name: string;
  groups: readonly string[];
}

/** The people of the seeded organization, by the names that `credentials.json` gives their tokens. */
export const accounts = {
  vendor: { email: 'vendor@leasehold.example', name: 'Vera Vendor', groups: ['vendor'] },
  owner: { email: 'owner@acme.example', name: 'Olga Owner', groups: [] },
  admin: { email: 'admin@acme.example', name: 'Ada Admin', groups: [] },
  billingManager: { email: 'billing-manager@acme.example', name: 'Bill Manager', groups: [] },
  user: { email: 'user@acme.example', name: 'Uma User', groups: [] },
} as const satisfies Record<string, Account>;

/** Returns the subject (`sub`) of an account, which encodes its email. */
export const subjectOf = (account: Pick<Account, 'email'>): string => Buffer.from(account.email).toString('base64url');

/** Returns the account of a subject: a seeded one, or one for an email typed into the sign-in page. */
export const accountOf = (subject: string): Account | undefined => {
  const email = Buffer.from(subject, 'base64url').toString();
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) return undefined;
  return (
    Object.values<Account>(accounts).find((account) => account.email === email) ?? { email, name: email, groups: [] }
  );
};

/** Returns the claims of an account besides its subject. */
export const claimsOf = ({ email, name, groups }: Account) => ({ email, email_verified: true, name, groups });
