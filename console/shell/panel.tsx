import SplitPanel from '@cloudscape-design/components/split-panel';
import { createContext, type ReactNode, useContext } from 'react';

/** A panel beside the page: more about one item of a list. */
export interface Panel {
  header: string;
  content: ReactNode;
}

const PanelContext = createContext<((panel: Panel) => void) | undefined>(undefined);
export const PanelProvider = PanelContext;

/** Returns the function that shows a panel beside the page. */
export const usePanel = (): ((panel: Panel) => void) => {
  const show = useContext(PanelContext);
  if (!show) throw new Error('There is no room for a panel outside of the layout.');
  return show;
};

/** Shows a panel. */
export const PanelView = ({ header, content }: Panel) => (
  <SplitPanel header={header} closeBehavior="hide" hidePreferencesButton>
    {content}
  </SplitPanel>
);
