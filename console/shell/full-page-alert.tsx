import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import type { ReactNode } from 'react';

/** Replaces the whole page when it can't be shown. */
export const FullPageAlert = ({
  header,
  action,
  children,
}: {
  header: string;
  action: { text: string; onClick: () => void };
  children: ReactNode;
}) => (
  <main>
    <Box padding="xxl">
      <Alert type="error" header={<h1>{header}</h1>} action={<Button onClick={action.onClick}>{action.text}</Button>}>
        {children}
      </Alert>
    </Box>
  </main>
);
