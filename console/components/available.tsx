import type { Subscription } from '../../client/index.ts';
import { ProductStatus } from './product-status.tsx';
import { Status } from './status.tsx';

/** Shows how many licenses can be taken now: none of an expired or suspended subscription. */
export const Available = ({ status, available }: Pick<Subscription, 'status' | 'available'>) => {
  if (status !== 'active') return <ProductStatus status={status} />;
  if (available > 0) return available.toLocaleString('en');
  return <Status type="warning">None</Status>;
};
