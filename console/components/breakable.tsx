import { Fragment, useContext } from 'react';
import { OneLine } from './status.tsx';

/** The end of a part of an address: `name@`, `host.`, `https://`, `path/`. */
const endOfPart = /(?<=[@.]|\/(?!\/))/;

/** An email address or a URL, which breaks between its parts rather than within a word. In a row it stays on one line. */
export const Breakable = ({ children }: { children: string }) => {
  // A `wbr` breaks the line also where white space does not.
  if (useContext(OneLine)) return children;
  return children.split(endOfPart).map((part, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: The parts of a text have no other identity.
    <Fragment key={at}>
      {at > 0 && <wbr />}
      {part}
    </Fragment>
  ));
};
