import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import { Copyable } from '../../components/copyable.tsx';
import { Time } from '../../components/time/time.tsx';
import { useOrganization } from '../../organization/organization.tsx';
import { Page } from '../../shell/page.tsx';
import { SellProduct } from './sell-product.tsx';
import { SoldSubscriptions } from './sold-subscriptions.tsx';

/** An organization as the vendor sees it: what was sold to it. */
const OrganizationPage = () => {
  const { id, name, createdAt } = useOrganization();
  return (
    <Page
      title={name}
      description="You see this customer’s subscriptions. Members and sessions are private to the customer."
      breadcrumbs={[{ text: 'Organizations', href: '/organizations' }]}
    >
      <Container header={<Header variant="h2">Organization</Header>}>
        <KeyValuePairs
          columns={2}
          items={[
            { label: 'Organization ID', value: <Copyable text={id} name="organization ID" inLine /> },
            { label: 'Created', value: <Time at={createdAt} /> },
          ]}
        />
      </Container>
      <Container
        header={
          <Header variant="h2" description="What is sold already is in the list below.">
            Sell a product
          </Header>
        }
      >
        <SellProduct organizationId={id} />
      </Container>
      <SoldSubscriptions organizationId={id} />
    </Page>
  );
};

export default OrganizationPage;
