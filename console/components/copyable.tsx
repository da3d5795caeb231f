import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';

/** An ID, and a button that copies it. `name` says what it is: "machine ID". */
export const Copyable = ({ text, name }: { text: string; name: string }) => (
  <CopyToClipboard
    variant="inline"
    textToCopy={text}
    copyButtonAriaLabel={`Copy ${name} ${text}`}
    copySuccessText={`Copied ${name}`}
    copyErrorText={`The browser did not let us copy the ${name}`}
  />
);
