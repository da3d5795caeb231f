import Box from '@cloudscape-design/components/box';
import StatusIndicator from '@cloudscape-design/components/status-indicator';

/** Shown while content loads. */
export const Loading = ({ text }: { text: string }) => (
  <Box padding="xxl" textAlign="center">
    <StatusIndicator type="loading">{text}</StatusIndicator>
  </Box>
);
