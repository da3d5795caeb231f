import type { Subscription } from '../../client/index.ts';
import { Status } from './status.tsx';

const statuses = {
  active: { type: 'success', text: 'Active' },
  suspended: { type: 'stopped', text: 'Suspended' },
  expired: { type: 'error', text: 'Expired' },
} as const;

/** Shows whether the licenses of a product can be used. */
export const ProductStatus = ({ status }: Pick<Subscription, 'status'>) => (
  <Status type={statuses[status].type}>{statuses[status].text}</Status>
);
