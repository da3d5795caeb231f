import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import { Available } from '../../components/available.tsx';
import { ProductStatus } from '../../components/product-status.tsx';
import { UsageBar } from '../../components/usage-bar.tsx';
import { useProduct } from './use-product.ts';

const count = (value: number) => value.toLocaleString('en');

/** The figures of a subscription that no other tab needs: what uses its licenses, and its machines. */
const Details = () => {
  const { product, licenseType, status, available, inUse, machineQuota, registeredMachines, note } = useProduct();
  return (
    <Container header={<Header variant="h2">Subscription details</Header>}>
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Available licenses', value: <Available status={status} available={available} /> },
          licenseType === 'per-user'
            ? { label: 'Licensed users', value: `${count(inUse.licensedUsers)} (${count(inUse.online)} online now)` }
            : { label: 'Online licenses', value: count(inUse.online) },
          { label: 'Offline licenses', value: count(inUse.offline) },
          { label: 'Machine quota', value: count(machineQuota) },
          {
            label: 'Registered machines',
            value: <UsageBar used={registeredMachines} quota={machineQuota} of={`${product} machines`} />,
          },
          {
            label: 'License type',
            value: licenseType === 'floating' ? 'Floating: one running session, one license' : 'Per user',
          },
          { label: 'Status', value: <ProductStatus status={status} /> },
          ...(note === undefined ? [] : [{ label: 'Note, for the vendor alone', value: note }]),
        ]}
      />
    </Container>
  );
};

export default Details;
