import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { Subscription } from '../../client/index.ts';

const statuses = {
  active: { type: 'success', text: 'Active' },
  suspended: { type: 'stopped', text: 'Suspended' },
  expired: { type: 'error', text: 'Expired' },
} as const;

/** Shows whether the licenses of a product can be used. */
export const ProductStatus = ({ status }: Pick<Subscription, 'status'>) => (
  <StatusIndicator type={statuses[status].type}>{statuses[status].text}</StatusIndicator>
);
