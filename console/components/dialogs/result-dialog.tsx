import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { Dialog } from './dialog.tsx';

interface ResultDialogProps {
  header: string;
  onClose: () => void;
  /** The dialog shows a secret once: only a button closes it, no key and no click beside it. */
  secret?: true;
  children: ReactNode;
}

/** Shows the result of an action, where a notification does not suffice. */
export const ResultDialog = ({ header, onClose, secret, children }: ResultDialogProps) => (
  <Dialog
    header={header}
    onClose={onClose}
    secret={secret}
    footer={() => (
      <Button variant="primary" onClick={onClose}>
        Close
      </Button>
    )}
  >
    <SpaceBetween size="s">{children}</SpaceBetween>
  </Dialog>
);
