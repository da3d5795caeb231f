import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import type { Product } from '../../../../client/index.ts';
import { useClient } from '../../../api/client.tsx';
import { useAction } from '../../../api/use-action.ts';
import { ActionDialog } from '../../../components/dialogs/action-dialog.tsx';
import { NumberField } from '../../../components/fields/number-field.tsx';
import { FieldsOfUse } from '../fields-of-use.tsx';
import { LicenseTypeField } from '../license-type-field.tsx';
import { LONGEST_NAME } from '../terms-form-state.ts';
import {
  isProductCode,
  isProductComplete,
  type ProductInput,
  productInputOf,
  productOf,
  productRanges,
} from './product-form-state.ts';
import { catalogueKey } from './use-catalogue.ts';

interface ProductDialogProps {
  /** The product to change; undefined for a new one. */
  product: Product | undefined;
  /** The codes of the catalogue. */
  codes: readonly string[];
  onClose: () => void;
}

/** Adds a product to the catalogue, or changes one. */
export const ProductDialog = ({ product, codes, onClose }: ProductDialogProps) => {
  const client = useClient();
  const [edited, setEdited] = useState<Partial<ProductInput>>({});
  const input = { ...productInputOf(product), ...edited };
  const change = (part: Partial<ProductInput>) => setEdited({ ...edited, ...part });
  const set = useAction({
    run: async () => {
      // Read again: another vendor's change of another field must not be undone.
      const current = product && (await client.getProduct({ product: product.product }));
      return client.setProduct(productOf({ ...productInputOf(current), ...edited }));
    },
    done: ({ name }) => (product ? `${name} was changed. What was sold stays as it is.` : `${name} can be sold now.`),
    invalidates: [catalogueKey],
    inDialog: true,
    onSuccess: onClose,
  });
  const isTaken = !product && codes.includes(input.product);
  const wrongCode = input.product !== '' && !isProductCode(input.product);
  const longName = input.name.trim().length > LONGEST_NAME;
  return (
    <ActionDialog
      header={product ? `Change ${product.name}` : 'Add a product'}
      confirm={product ? 'Change' : 'Add'}
      action={set}
      disabled={!isProductComplete(input) || isTaken || (product && Object.keys(edited).length === 0)}
      onDismiss={onClose}
      wide
      hasChoices={edited.licenseType !== undefined || edited.offlineAllowed !== undefined}
    >
      <ColumnLayout columns={2}>
        {!product && (
          <FormField
            label="Product code"
            description="For example KRE. It can’t be changed later."
            errorText={
              wrongCode
                ? 'Up to 32 letters, digits and -, without spaces.'
                : isTaken && 'The catalogue has this code already: change that product.'
            }
          >
            <Input
              value={input.product}
              onChange={({ detail }) => change({ product: detail.value.trim().toUpperCase() })}
              spellcheck={false}
            />
          </FormField>
        )}
        <FormField
          label="Name"
          description="As people call it."
          errorText={longName ? `At most ${LONGEST_NAME} characters.` : undefined}
        >
          <Input value={input.name} onChange={({ detail }) => change({ name: detail.value })} spellcheck={false} />
        </FormField>
        <LicenseTypeField
          description="Of each new sale. What was sold stays what it is."
          value={input.licenseType}
          onChange={(licenseType) => change({ licenseType })}
          disabled={false}
        />
        <NumberField
          label="Licenses"
          description="How many a sale has, unless it says otherwise."
          value={input.quota}
          onChange={(quota) => change({ quota })}
          range={productRanges.quota}
          tried
        />
        <NumberField
          label="Months"
          description="How long a sale lasts."
          value={input.months}
          onChange={(months) => change({ months })}
          range={productRanges.months}
          tried
        />
        <NumberField
          label="Days of a trial"
          description="How long a trial lasts."
          value={input.trialDays}
          onChange={(trialDays) => change({ trialDays })}
          range={productRanges.trialDays}
          tried
        />
      </ColumnLayout>
      <FieldsOfUse input={input} change={change} tried />
    </ActionDialog>
  );
};
