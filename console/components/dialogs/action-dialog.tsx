import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import LiveRegion from '@cloudscape-design/components/live-region';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { titleOf } from '../../api/problem-text.ts';
import type { useAction } from '../../api/use-action.ts';
import { ProblemText } from '../problem.tsx';
import { Dialog } from './dialog.tsx';

interface ActionDialogProps {
  header: string;
  /** The button that starts the action: `Deactivate`. */
  confirm: string;
  action: ReturnType<typeof useAction<void>>;
  onDismiss: () => void;
  /** The form is not complete yet. */
  disabled?: boolean;
  /** The user has chosen something that no text field shows. */
  hasChoices?: boolean;
  /** For many fields, side by side. */
  wide?: boolean;
  children: ReactNode;
}

/**
 * Asks for the input of an action, or for a confirmation. Shows a refusal and keeps the input. Can't be closed while the action
 * runs, as only this dialog shows its result.
 */
export const ActionDialog = ({ header, confirm, action, disabled, children, ...props }: ActionDialogProps) => (
  <Dialog
    header={header}
    onClose={props.onDismiss}
    locked={action.running}
    hasChoices={props.hasChoices}
    wide={props.wide}
    footer={(dismiss) => (
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="link" disabled={action.running} onClick={dismiss}>
          Cancel
        </Button>
        <Button variant="primary" loading={action.running} disabled={disabled} onClick={() => action.run()}>
          {confirm}
        </Button>
      </SpaceBetween>
    )}
  >
    {Boolean(action.error) && (
      <LiveRegion>
        <Alert type="error" header={titleOf(action.error)}>
          <ProblemText error={action.error} attempted />
        </Alert>
      </LiveRegion>
    )}
    {children}
  </Dialog>
);
