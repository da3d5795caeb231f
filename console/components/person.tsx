import Box from '@cloudscape-design/components/box';
import { Breakable } from './breakable.tsx';

/** A user on one line: its name, and the address that it is known by. */
export const Person = ({ name, email }: { name: string; email: string }) => (
  <span title={name === email ? email : `${name}, ${email}`}>
    <span>
      <Breakable>{name}</Breakable>
    </span>
    {name !== email && (
      <>
        {' '}
        <Box variant="span" color="text-body-secondary">
          <Breakable>{email}</Breakable>
        </Box>
      </>
    )}
  </span>
);
