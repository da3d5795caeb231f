import Box from '@cloudscape-design/components/box';

/** A user: its name, and the address that it is known by. */
export const Person = ({ name, email }: { name: string; email: string }) => (
  <>
    {name}
    {name !== email && (
      <Box variant="small" display="block" color="text-body-secondary">
        {email}
      </Box>
    )}
  </>
);
