import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import { createContext, type ReactNode, useContext } from 'react';

/** Whether texts stay on one line: in the rows of a table. */
export const OneLine = createContext(false);

interface StatusProps {
  type: StatusIndicatorProps.Type;
  /** Names the icon for screen readers, where the text does not say the same. */
  iconAriaLabel?: string;
  children: ReactNode;
}

/** A text with an icon that tells how it is meant. In a row it ends with an ellipsis if its column is too narrow. */
export const Status = ({ children, ...icon }: StatusProps) => {
  const isOneLine = useContext(OneLine);
  return (
    <StatusIndicator {...icon} wrapText={!isOneLine}>
      {isOneLine ? children : <span className="whole-words">{children}</span>}
    </StatusIndicator>
  );
};
