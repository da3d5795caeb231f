import { useState } from 'react';
import type { LicensedUser } from '../../../../client/index.ts';
import { useClient } from '../../../api/client.tsx';
import { useAction } from '../../../api/use-action.ts';
import { ActionDialog } from '../../../components/dialogs/action-dialog.tsx';
import { MemberSelect } from '../../../organization/member-select.tsx';
import { affectedBy, productRef, useProduct } from '../use-product.ts';
import { useLicensedUsers } from './use-licensed-users.ts';

interface TransferLicenseProps {
  user: LicensedUser;
  onClose: () => void;
}

export const TransferLicense = ({ user, onClose }: TransferLicenseProps) => {
  const product = useProduct();
  const client = useClient();
  const licensed = useLicensedUsers({ loadAll: true });
  const [toUserId, setToUserId] = useState('');
  const transfer = useAction({
    run: () => client.transferLicense({ ...productRef(product), userId: user.userId, toUserId }),
    done: ({ email }) => `The license of ${user.email} is ${email}’s now.`,
    invalidates: affectedBy(product),
    inDialog: true,
    onSuccess: onClose,
  });
  return (
    <ActionDialog
      header={`Transfer the license of ${user.email}`}
      confirm="Transfer"
      action={transfer}
      disabled={toUserId === ''}
      onDismiss={onClose}
    >
      <div>
        The license changes hands in one step: nobody else can take it between.{' '}
        {user.online ? 'The session that uses it now ends.' : 'No session uses it now.'}
      </div>
      <MemberSelect
        label="To"
        description="A member who has no license yet."
        value={toUserId}
        onChange={(userId) => setToUserId(userId ?? '')}
        except={new Set(licensed.items.map(({ userId }) => userId))}
      />
    </ActionDialog>
  );
};
