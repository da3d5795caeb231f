import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { patterns } from '../../../client/index.ts';
import { Copyable } from '../../components/copyable.tsx';
import { Time } from '../../components/time/time.tsx';
import { useOrganization } from '../../organization/organization.tsx';
import { Page } from '../../shell/page.tsx';
import { organizationPath } from '../../shell/paths.ts';
import { SoldSubscriptions } from './sold-subscriptions.tsx';

const isProductCode = (text: string): boolean => patterns.product.test(text);

/** An organization as the vendor sees it. The vendor opens a subscription by its product code. */
const OrganizationPage = () => {
  const { id, name, createdAt } = useOrganization();
  const [, navigate] = useLocation();
  const [code, setCode] = useState('');
  const open = () => isProductCode(code) && navigate(organizationPath(id, 'products', code));
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
            { label: 'Organization ID', value: <Copyable text={id} name="organization ID" /> },
            { label: 'Created', value: <Time at={createdAt} /> },
          ]}
        />
      </Container>
      <Container
        header={
          <Header
            variant="h2"
            description="See the figures of a product, change its terms, or sell it for the first time."
          >
            Subscription
          </Header>
        }
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            open();
          }}
        >
          <SpaceBetween size="m">
            <FormField
              label="Product code"
              description="For example KRE."
              errorText={
                code !== '' && !isProductCode(code) ? 'Up to 32 letters, digits and -, without spaces.' : undefined
              }
            >
              <Input
                value={code}
                onChange={({ detail }) => setCode(detail.value.trim().toUpperCase())}
                spellcheck={false}
                autoFocus
              />
            </FormField>
            <Button variant="primary" disabled={!isProductCode(code)}>
              Open
            </Button>
          </SpaceBetween>
        </form>
      </Container>
      <SoldSubscriptions organizationId={id} />
    </Page>
  );
};

export default OrganizationPage;
