import { type LicensedUser, LicenseUsed } from '../../../../client/index.ts';
import { useClient } from '../../../api/client.tsx';
import { BulkDialog } from '../../../components/dialogs/bulk-dialog.tsx';
import { pluralize } from '../../../components/pluralize.ts';
import { affectedBy, productRef, useProduct } from '../use-product.ts';

interface RevokeLicensesProps {
  users: readonly LicensedUser[];
  /** Revokes only licenses that nobody has worked with for so many days. */
  ifUnusedForDays?: number;
  /** Called with the outcome for each license; the caller shows them. */
  onOutcome?: (user: LicensedUser, outcome: 'revoked' | 'used') => void;
  onClose: () => void;
}

export const RevokeLicenses = ({ users, ifUnusedForDays, onOutcome, onClose }: RevokeLicensesProps) => {
  const product = useProduct();
  const client = useClient();
  return (
    <BulkDialog
      items={users}
      header={(count) => `Revoke ${pluralize(count, 'license')}?`}
      confirm="Revoke"
      nameOf={({ email }) => email}
      line={({ email, online }) => `${email}${online ? ', online now' : ''}`}
      run={async (user) => {
        try {
          await client.removeLicense({ ...productRef(product), userId: user.userId, ifUnusedForDays });
          onOutcome?.(user, 'revoked');
        } catch (error) {
          if (!(error instanceof LicenseUsed)) throw error;
          onOutcome?.(user, 'used');
        }
      }}
      done={onOutcome ? undefined : `${pluralize(users.length, 'license')} revoked: free to be assigned again.`}
      invalidates={affectedBy(product)}
      onClose={onClose}
    >
      <div>
        Sessions that use these licenses end at once, and the machines of their users leave the registered machines. You
        can assign the licenses again right away. Offline licenses of these users stay until they expire.
      </div>
    </BulkDialog>
  );
};
