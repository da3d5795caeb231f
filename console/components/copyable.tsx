import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import { EllipsizedId } from './list/ellipsized-id.tsx';

/**
 * An ID, and a button that copies it. `name` says what it is: "machine ID". `inLine`: in the one line of a row, where a long
 * ID lacks its middle; its tooltip has the whole.
 */
export const Copyable = ({ text, name, inLine = false }: { text: string; name: string; inLine?: boolean }) => (
  <CopyToClipboard
    variant="inline"
    textToCopy={text}
    {...(inLine && { textToDisplay: <EllipsizedId text={text} />, wrapText: false })}
    copyButtonAriaLabel={`Copy ${name} ${text}`}
    copySuccessText={`Copied ${name}`}
    copyErrorText={`The browser did not let us copy the ${name}`}
    popoverRenderWithPortal
  />
);
