import Box from '@cloudscape-design/components/box';

/** A user on one line: its name, and the address that it is known by. */
export const Person = ({ name, email }: { name: string; email: string }) => (
  <span title={name === email ? email : `${name}, ${email}`}>
    <span>{name}</span>
    {name !== email && (
      <>
        {' '}
        <Box variant="span" color="text-body-secondary">
          {email}
        </Box>
      </>
    )}
  </span>
);
