import Alert from '@cloudscape-design/components/alert';
import { Copyable } from './copyable.tsx';
import { ResultDialog } from './dialogs/result-dialog.tsx';

interface SecretProps {
  header: string;
  /** `API key`: what it is. */
  name: string;
  text: string;
  onClose: () => void;
}

/** A secret that the service tells this once. */
export const Secret = ({ header, name, text, onClose }: SecretProps) => (
  <ResultDialog header={header} onClose={onClose} secret>
    <Alert type="warning" header="It is shown this once">
      Copy it to where it is used, or to where you keep secrets. If it is lost, make another one.
    </Alert>
    <Copyable text={text} name={name} />
  </ResultDialog>
);
