import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import LiveRegion from '@cloudscape-design/components/live-region';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { titleOf } from '../../api/problem-text.ts';
import type { useAction } from '../../api/use-action.ts';
import { ProblemText } from '../problem.tsx';

interface ActionDialogProps {
  header: string;
  /** The button that starts the action: `Deactivate`. */
  confirm: string;
  action: ReturnType<typeof useAction<void>>;
  onDismiss: () => void;
  /** The form is not complete yet. */
  disabled?: boolean;
  children: ReactNode;
}

/**
 * Asks for the input of an action, or for a confirmation. Shows a refusal and keeps the input. Can't be closed while the action
 * runs, as only this dialog shows its result.
 */
export const ActionDialog = ({ header, confirm, action, disabled, children, ...props }: ActionDialogProps) => (
  <Modal
    visible
    header={header}
    onDismiss={({ detail }) => {
      // A click beside the dialog must not lose the input.
      if (detail.reason !== 'overlay' && !action.running) props.onDismiss();
    }}
    footer={
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" disabled={action.running} onClick={props.onDismiss}>
            Cancel
          </Button>
          <Button variant="primary" loading={action.running} disabled={disabled} onClick={() => action.run()}>
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
