import type { Role } from '../../contracts/schemas/organization.ts';

/** A member of an organization. */
export interface Member {
  userId: string;
  email: string;
  name: string;
  role: Role;
  /** Epoch ms. */
  joinedAt: number;
}

/** A present or former member. The history still shows the names of former members. */
export interface EverMember extends Member {
  /** When the member was removed, epoch ms; absent on a present member. */
  removedAt?: number;
  /** The user to whom a recovery gave the membership. */
  recoveredAs?: string;
}

/** Returns a present member unchanged, and undefined for a former member. */
export const presentMember = (member: EverMember | undefined): Member | undefined =>
  member?.removedAt === undefined ? member : undefined;

/** A user's role in one organization. */
export interface Membership {
  organizationId: string;
  role: Role;
}

/** The person behind an email address. */
export interface Mailbox {
  userId: string;
  /** The sign-in that the address stands for; absent until the first one. */
  subject?: string;
}
