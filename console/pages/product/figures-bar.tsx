import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import { pluralize } from '../../components/pluralize.ts';
import { ProductStatus } from '../../components/product-status.tsx';
import { Expiry, isEndNear } from '../../components/time/expiry.tsx';
import { duration } from '../../components/time/format-time.ts';
import { useNow } from '../../components/time/use-now.ts';
import { UsageBar } from '../../components/usage-bar.tsx';
import { useOrganization } from '../../organization/organization.tsx';
import { isMember } from '../../organization/roles.ts';
import { HowToRenew } from '../../organization/vendor-contact.tsx';
import { usedOf } from './figures.ts';
import { useProduct } from './use-product.ts';

/** The figures that every tab of a product needs: quota, use, who waits, and the end. */
export const FiguresBar = () => {
  const figures = useProduct();
  const { role } = useOrganization();
  const now = useNow();
  const { product, quota, status, expiresAt, queue } = figures;
  return (
    <Container>
      <KeyValuePairs
        columns={4}
        items={[
          {
            label: 'Subscribed licenses',
            value: (
              <>
                {quota.toLocaleString('en')}
                {status !== 'active' && (
                  <div>
                    <ProductStatus status={status} />
                  </div>
                )}
              </>
            ),
          },
          { label: 'In use', value: <UsageBar used={usedOf(figures)} quota={quota} of={`${product} licenses`} /> },
          {
            label: 'Waiting for a license',
            value:
              queue.length === 0
                ? 'Nobody'
                : `${pluralize(queue.length, 'session')}, the first for ${duration(queue.longestWaitSeconds ?? 0)}`,
          },
          {
            label: 'Expiry date',
            value: (
              <>
                <Expiry at={expiresAt} />
                {status === 'active' && isMember(role) && isEndNear(expiresAt, now) && (
                  <Box variant="small" display="block">
                    <HowToRenew />
                  </Box>
                )}
              </>
            ),
          },
        ]}
      />
    </Container>
  );
};
