import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import LiveRegion from '@cloudscape-design/components/live-region';
import Modal, { type ModalProps } from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';

interface DialogProps {
  header: string;
  /** Closes the dialog. */
  onClose: () => void;
  /** Returns the buttons. `dismiss` closes the dialog; it asks first if the user would lose input. */
  footer?: (dismiss: () => void) => ReactNode;
  /** The dialog can't be closed now: its action is running. */
  locked?: boolean;
  /** The dialog shows a secret once: only a button closes it, no key and no click beside it. */
  secret?: boolean;
  /** The user has chosen something that no text field shows. */
  hasChoices?: boolean;
  /** For many fields, side by side. */
  wide?: boolean;
  /** The user types only to search: that is no input to keep. */
  isSearch?: boolean;
  children: ReactNode;
}

type Field = HTMLInputElement | HTMLTextAreaElement;

const fields =
  'input:not(:disabled), textarea:not(:disabled), button[aria-haspopup="listbox"], button[aria-haspopup="dialog"]';

/**
 * A dialog. Opens on its first field, or on the first button at its end. Escape, a click beside it and Cancel close it, but ask
 * before they discard what the user has typed. The focus then returns to where it came from.
 */
export const Dialog = ({ header, onClose, footer, locked, secret, hasChoices, children, ...props }: DialogProps) => {
  const content = useRef<HTMLDivElement>(null);
  const buttons = useRef<HTMLDivElement>(null);
  const typed = useRef(new Set<Field>());
  const [askedFrom, setAskedFrom] = useState<Element | null>();
  const asking = askedFrom !== undefined;

  const hasInput = () =>
    hasChoices ||
    (!props.isSearch && [...typed.current].some((field) => field.isConnected && field.value.trim() !== ''));
  const dismiss = () => {
    if (locked || asking) return;
    if (hasInput()) setAskedFrom(document.activeElement);
    else onClose();
  };
  const keep = () => {
    setAskedFrom(undefined);
    const field = content.current?.contains(askedFrom ?? null) ? askedFrom : content.current?.querySelector(fields);
    if (field instanceof HTMLElement) field.focus();
  };
  const onDismiss: ModalProps['onDismiss'] = ({ detail }) => {
    if (secret && detail.reason !== 'closeButton') return;
    if (asking && detail.reason === 'keyboard') keep();
    else dismiss();
  };
  // A closed combobox would clear its text on Escape.
  const onEscape = (event: KeyboardEvent) => {
    const { target, key } = event;
    if (key !== 'Escape' || !(target instanceof HTMLInputElement) || target.ariaExpanded !== 'false') return;
    event.stopPropagation();
    event.preventDefault();
    dismiss();
  };
  return (
    <Modal
      size={props.wide ? 'large' : 'medium'}
      visible
      header={header}
      onDismiss={onDismiss}
      footer={
        footer && (
          <Box float="right">
            <div ref={buttons}>{asking ? <AskToDiscard onKeep={keep} onDiscard={onClose} /> : footer(dismiss)}</div>
          </Box>
        )
      }
    >
      <div
        ref={content}
        onKeyDownCapture={onEscape}
        onInput={({ target }) => {
          if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) typed.current.add(target);
          setAskedFrom(undefined);
        }}
      >
        <FocusFirst content={content} buttons={buttons} />
        <SpaceBetween size="m">{children}</SpaceBetween>
      </div>
    </Modal>
  );
};

/** Moves the focus to the first field once the dialog is there: the modal moves it to its close button. */
const FocusFirst = ({ content, buttons }: Record<'content' | 'buttons', RefObject<HTMLDivElement | null>>) => {
  useEffect(() => {
    queueMicrotask(() => {
      const first = content.current?.querySelector(fields) ?? buttons.current?.querySelector('button');
      if (first instanceof HTMLElement) first.focus();
    });
  }, [content, buttons]);
  return null;
};

const AskToDiscard = ({ onKeep, onDiscard }: { onKeep: () => void; onDiscard: () => void }) => {
  const keep = useRef<{ focus: () => void }>(null);
  useEffect(() => keep.current?.focus(), []);
  return (
    <SpaceBetween size="xs" alignItems="end">
      <LiveRegion>Discard what you entered?</LiveRegion>
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="link" onClick={onDiscard}>
          Discard
        </Button>
        <Button ref={keep} variant="primary" onClick={onKeep}>
          Keep editing
        </Button>
      </SpaceBetween>
    </SpaceBetween>
  );
};
