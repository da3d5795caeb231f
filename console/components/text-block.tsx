import Box from '@cloudscape-design/components/box';

/** Shows a text as it is, in lines of its own: commands, JSON. */
export const TextBlock = ({ children }: { children: string }) => (
  <div className="text-block">
    <Box variant="pre">{children}</Box>
  </div>
);
