import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';

interface ResultDialogProps {
  header: string;
  onClose: () => void;
  /** It tells a secret, this once: only a button closes it, no stray key and no click beside it. */
  secret?: true;
  children: ReactNode;
}

/** What came of an action, where there is more to it than that it was done. */
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
