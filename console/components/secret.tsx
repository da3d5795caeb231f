import Alert from '@cloudscape-design/components/alert';
import type { ReactNode } from 'react';
import { Copyable } from './copyable.tsx';
import { ResultDialog } from './dialogs/result-dialog.tsx';

interface SecretProps {
  header: string;
  /** The noun: `API key`. */
  name: string;
  text: string;
  onClose: () => void;
  /** The use of the secret. */
  children?: ReactNode;
}

/** Shows a secret that the service returns only once. */
export const Secret = ({ header, name, text, onClose, children }: SecretProps) => (
  <ResultDialog header={header} onClose={onClose} secret>
    <Alert type="warning" header={`The ${name} is shown only once`}>
      Copy the {name} to where you use it, or to where you keep secrets. If you lose it, create another one.
    </Alert>
    <Copyable text={text} name={name} />
    {children}
  </ResultDialog>
);
