import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';

/** The content of an empty list: why it is empty, and what to do. */
export const Empty = ({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) => (
  <Box textAlign="center" color="inherit" padding={{ vertical: 's' }}>
    <SpaceBetween size="s" alignItems="center">
      <div>
        <b>{title}</b>
        <Box variant="p" color="inherit">
          {children}
        </Box>
      </div>
      {action}
    </SpaceBetween>
  </Box>
);
