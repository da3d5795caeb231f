import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import LiveRegion from '@cloudscape-design/components/live-region';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { titleOf } from '../../api/problem-text.ts';
import { ProblemText } from '../problem.tsx';

interface ActionDialogProps {
  header: string;
  /** The button that does it: `Deactivate`. */
  confirm: string;
  /** What is done: as `useAction` gives it. */
  action: { running: boolean; error: unknown };
  onConfirm: () => void;
  onDismiss: () => void;
  /** What was filled in does not suffice yet. */
  disabled?: boolean;
  children: ReactNode;
}

/**
 * Asks for what an action needs, or whether it is meant. A refusal is shown in it, and what was filled in stays. It can't be
 * left while the action runs: what comes of that is told here alone.
 */
export const ActionDialog = ({ header, confirm, action, disabled, children, ...props }: ActionDialogProps) => (
  <Modal
    visible
    header={header}
    onDismiss={({ detail }) => {
      // A click beside it is no answer: what was filled in would be lost.
      if (detail.reason !== 'overlay' && !action.running) props.onDismiss();
    }}
    footer={
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" disabled={action.running} onClick={props.onDismiss}>
            Cancel
          </Button>
          <Button variant="primary" loading={action.running} disabled={disabled} onClick={props.onConfirm}>
            {confirm}
          </Button>
        </SpaceBetween>
      </Box>
    }
  >
    <SpaceBetween size="m">
      {Boolean(action.error) && (
        <LiveRegion>
          <Alert type="error" header={titleOf(action.error)}>
            <ProblemText error={action.error} attempted />
          </Alert>
        </LiveRegion>
      )}
      {children}
    </SpaceBetween>
  </Modal>
);
