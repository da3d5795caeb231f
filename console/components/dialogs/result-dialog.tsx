import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';

interface ResultDialogProps {
  header: string;
  onClose: () => void;
  /** The dialog shows a secret once: only a button closes it, no key and no click beside it. */
  secret?: true;
  children: ReactNode;
}

/** Shows the result of an action, where a notification does not suffice. */
export const ResultDialog = ({ header, onClose, secret, children }: ResultDialogProps) => (
  <Modal
    visible
    header={header}
    onDismiss={({ detail }) => (!secret || detail.reason === 'closeButton') && onClose()}
    footer={
      <Box float="right">
        <Button variant="primary" onClick={onClose}>
          Close
        </Button>
      </Box>
    }
  >
    <SpaceBetween size="s">{children}</SpaceBetween>
  </Modal>
);
