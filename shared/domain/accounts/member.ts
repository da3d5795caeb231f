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
  /** The recovery that gave this user the membership. */
  recoveredBy?: string;
  /** Each write of the membership raises it. */
  revision?: number;
}

/** Returns a present member unchanged, and undefined for a former member. */
export const presentMember = (member: EverMember | undefined): Member | undefined =>
  member?.removedAt === undefined ? member : undefined;

/** The owners of an organization, by their user IDs. */
export interface Owners {
  owners?: ReadonlySet<string>;
  /** Each write of the set raises it. Earlier releases wrote none: that is 0. */
  version?: number;
}

/** A role that a member is being given. The end of the giver's right finds it, and stops it. */
export interface Appointment {
  id: string;
  /** The member who gets the role. */
  userId: string;
  /** The member who gives it, and the API key of the request, if any. */
  by: string;
  keyId?: string;
  /** Epoch ms. */
  at: number;
}

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
