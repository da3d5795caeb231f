import type { Item } from './table.ts';

/** A change of one item, as the table's stream tells it. */
export interface Change {
  /** The same for every delivery of the change, and of no other. */
  id: string;
  /** When it was made, to the second, epoch ms. */
  at: number;
  before: Item | undefined;
  after: Item | undefined;
}
