import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { Loading } from '../../components/loading.tsx';
import { pluralize } from '../../components/pluralize.ts';
import { ProblemAlert } from '../../components/problem.tsx';
import { organizationPath } from '../../shell/paths.ts';
import { useLinkHandler } from '../../shell/use-link-handler.ts';
import { isProductCode } from './catalogue/product-form-state.ts';
import { useCatalogue } from './catalogue/use-catalogue.ts';
import { licenseTypeText } from './describe-terms.ts';

/** Chooses the product that is sold to an organization: from the catalogue, or by its code while there is none. */
export const SellProduct = ({ organizationId }: { organizationId: string }) => {
  const catalogue = useCatalogue();
  const [, navigate] = useLocation();
  const onFollow = useLinkHandler();
  const [code, setCode] = useState('');
  const options = catalogue.items.map(({ product, name, licenseType, terms }) => ({
    value: product,
    label: name,
    labelTag: product,
    description: `${licenseTypeText(licenseType)}, ${pluralize(terms.quota, 'license')} for ${pluralize(terms.months, 'month')}`,
  }));
  if (catalogue.error && options.length === 0)
    return <ProblemAlert error={catalogue.error} onRetry={catalogue.refresh} />;
  if (catalogue.loading) return <Loading text="Loading the catalogue" />;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isProductCode(code)) navigate(organizationPath(organizationId, 'products', code));
      }}
    >
      <SpaceBetween size="m">
        {options.length > 0 ? (
          <FormField
            label="Product"
            description="From your catalogue. Its terms are filled in, and you can change them."
          >
            <Select
              selectedOption={options.find(({ value }) => value === code) ?? null}
              options={options}
              placeholder="Choose a product"
              filteringType="auto"
              filteringAriaLabel="Find products"
              empty="No product matches."
              onChange={({ detail }) => setCode(detail.selectedOption.value ?? '')}
            />
          </FormField>
        ) : (
          <FormField
            label="Product code"
            description={
              <>
                For example KRE. Your{' '}
                <Link href="/catalogue" onFollow={onFollow} variant="primary" fontSize="inherit">
                  catalogue
                </Link>{' '}
                is empty, so any code can be sold, a mistyped one too.
              </>
            }
            errorText={
              code !== '' && !isProductCode(code) ? 'Up to 32 letters, digits and -, without spaces.' : undefined
            }
          >
            <Input
              value={code}
              onChange={({ detail }) => setCode(detail.value.trim().toUpperCase())}
              spellcheck={false}
            />
          </FormField>
        )}
        <Button variant="primary" disabled={!isProductCode(code)}>
          Continue
        </Button>
      </SpaceBetween>
    </form>
  );
};
