import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import { pluralize } from '../../components/pluralize.ts';
import { ProductStatus } from '../../components/product-status.tsx';
import { Expiry } from '../../components/time/expiry.tsx';
import { duration } from '../../components/time/format-time.ts';
import { UsageBar } from '../../components/usage-bar.tsx';
import { usedOf } from './figures.ts';
import { useProduct } from './use-product.ts';

const count = (value: number) => value.toLocaleString('en');

/** The figures of a subscription: how many licenses there are, and what uses them. */
const Details = () => {
  const figures = useProduct();
  const { product, licenseType, status, quota, available, inUse, machineQuota, registeredMachines, expiresAt, queue } =
    figures;
  return (
    <Container header={<Header variant="h2">Subscription details</Header>}>
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Subscribed licenses', value: count(quota) },
          { label: 'Available licenses', value: count(available) },
          { label: 'Machine quota', value: count(machineQuota) },
          { label: 'Expiry date', value: <Expiry at={expiresAt} /> },
          {
            label: 'In use',
            value: <UsageBar used={usedOf(figures)} quota={quota} of={`${product} licenses`} />,
          },
          licenseType === 'per-user'
            ? { label: 'Licensed users', value: `${count(inUse.licensedUsers)} (${count(inUse.online)} online now)` }
            : { label: 'Online licenses', value: count(inUse.online) },
          { label: 'Offline licenses', value: count(inUse.offline) },
          {
            label: 'Registered machines',
            value: <UsageBar used={registeredMachines} quota={machineQuota} of={`${product} machines`} />,
          },
          {
            label: 'License type',
            value: licenseType === 'floating' ? 'Floating: one running session, one license' : 'Per user',
          },
          {
            label: 'Waiting for a license',
            value:
              queue.length === 0
                ? 'Nobody'
                : `${pluralize(queue.length, 'session')}, the first for ${duration(queue.longestWaitSeconds ?? 0)}`,
          },
          { label: 'Status', value: <ProductStatus status={status} /> },
        ]}
      />
    </Container>
  );
};

export default Details;
