import Box from '@cloudscape-design/components/box';
import StatusIndicator from '@cloudscape-design/components/status-indicator';

/** What is shown until there is something to show. */
export const Loading = ({ text }: { text: string }) => (
  <Box padding="xxl" textAlign="center">
    <StatusIndicator type="loading">{text}</StatusIndicator>
  </Box>
);
