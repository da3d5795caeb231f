import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import { useState } from 'react';
import type { Subscription } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useAction } from '../../api/use-action.ts';
import { ActionDialog } from '../../components/dialogs/action-dialog.tsx';
import { pluralize } from '../../components/pluralize.ts';
import { useOrganization } from '../../organization/organization.tsx';
import { affectedBy, productRef } from '../product/use-product.ts';
import { consequencesOf, differencesOf, type Terms } from './describe-terms.ts';

interface ConfirmTermsProps {
  of: Pick<Subscription, 'organizationId' | 'product'>;
  before: Subscription | undefined;
  /** Merges the edited terms into the service's current ones. */
  termsFrom: (before: Subscription | undefined) => Terms;
  onClose: () => void;
  onDone: () => void;
}

/** Shows the changes and their consequences before they are made. */
export const ConfirmTerms = ({ of, before, termsFrom, onClose, onDone }: ConfirmTermsProps) => {
  const { name } = useOrganization();
  const client = useClient();
  const [now] = useState(Date.now);
  const after = termsFrom(before);
  const differences = differencesOf(before && { ...before, status: before.suspended ? 'suspended' : 'active' }, after);
  const set = useAction({
    run: async () => {
      // Read again: the shown terms may be some seconds old, and another vendor's change must not be undone.
      const current = before && (await client.getSubscription(productRef(of)));
      return client.setSubscription({ ...productRef(of), ...termsFrom(current) });
    },
    done: ({ quota, product }) => `${name} has ${pluralize(quota, `${product} license`)} now, as you set it.`,
    invalidates: affectedBy(of),
    inDialog: true,
    onSuccess: () => {
      onDone();
      onClose();
    },
  });
  return (
    <ActionDialog
      header={before ? `Change the ${of.product} subscription of ${name}?` : `Sell ${of.product} to ${name}?`}
      confirm={before ? 'Change' : 'Sell'}
      action={set}
      disabled={differences.length === 0}
      onDismiss={onClose}
    >
      {differences.length === 0 ? (
        <div>Nothing is different from what the subscription is now.</div>
      ) : (
        <KeyValuePairs
          columns={differences.length === 1 ? 1 : 2}
          items={differences.map(({ label, before: was, after: becomes }) => ({
            label,
            value: was === undefined ? becomes : `${was} → ${becomes}`,
          }))}
        />
      )}
      <ul>
        {consequencesOf(before, after, now).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </ActionDialog>
  );
};
