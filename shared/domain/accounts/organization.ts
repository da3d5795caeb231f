import type { Limits } from '../../contracts/schemas/limits.ts';

/** A customer of the vendor: the tenant. */
export interface Organization {
  id: string;
  name: string;
  /** Epoch ms. */
  createdAt: number;
  /** The limits that the vendor set. */
  limits?: Partial<Limits>;
}
