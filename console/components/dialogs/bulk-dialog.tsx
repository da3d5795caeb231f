import { type ReactNode, useState } from 'react';
import { PartialFailure } from '../../api/partial-failure.ts';
import { runForEach } from '../../api/run-for-each.ts';
import { type ActionOptions, useAction } from '../../api/use-action.ts';
import { ActionDialog } from './action-dialog.tsx';

interface BulkDialogProps<T> extends Pick<ActionOptions<void, void>, 'invalidates'> {
  items: readonly T[];
  /** The question, by the number of items that are left: `Remove 2 members?` */
  header: (count: number) => string;
  /** The button that starts the action: `Remove` */
  confirm: string;
  /** The name of an item as the user knows it; unique. */
  nameOf: (item: T) => string;
  /** The item in the list, if its name alone does not suffice. */
  line?: (item: T) => ReactNode;
  /** Does it to one item. Repeating must be harmless. */
  run: (item: T) => Promise<unknown>;
  /** The notification when all items are done; undefined if the caller shows the result. */
  done: string | undefined;
  /** Something in the dialog is filled in wrongly. */
  disabled?: boolean;
  onClose: () => void;
  /** The consequences. */
  children: ReactNode;
  /** A field below the list. */
  field?: ReactNode;
}

/** The most items that a dialog names. */
const mostLines = 100;

/** Asks before an action on several items, and runs it. If some fail, the dialog keeps these, to try again. */
export const BulkDialog = <T,>({ items, nameOf, line = nameOf, run, ...props }: BulkDialogProps<T>) => {
  const [left, setLeft] = useState(items);
  const action = useAction<void, void>({
    run: async () => {
      try {
        await runForEach(left, nameOf, run);
      } catch (error) {
        if (error instanceof PartialFailure) setLeft(error.failures.map(({ item }) => item));
        throw error;
      }
    },
    done: () => props.done,
    invalidates: props.invalidates,
    inDialog: true,
    onSuccess: props.onClose,
  });
  return (
    <ActionDialog
      header={props.header(left.length)}
      confirm={props.confirm}
      action={action}
      disabled={left.length === 0 || props.disabled}
      onDismiss={props.onClose}
    >
      {props.children}
      {left.length > 0 && (
        <ul>
          {left.slice(0, mostLines).map((item) => (
            <li key={nameOf(item)}>{line(item)}</li>
          ))}
          {left.length > mostLines && <li>and {(left.length - mostLines).toLocaleString('en')} more</li>}
        </ul>
      )}
      {props.field}
    </ActionDialog>
  );
};
