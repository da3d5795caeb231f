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

/** A present or former member: the history still tells the name of a former one. */
export interface EverMember extends Member {
  /** When it was removed, epoch ms; absent while it is a member. */
  removedAt?: number;
  /** The user to whom a recovery handed the membership over. */
  recoveredAs?: string;
}

/** Returns a present member; undefined for a former one, or none. */
export const presentMember = (member: EverMember | undefined): Member | undefined =>
  member?.removedAt === undefined ? member : undefined;
