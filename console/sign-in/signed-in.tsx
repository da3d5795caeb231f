import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import { QueryClientProvider } from '@tanstack/react-query';
import type { UserManager } from 'oidc-client-ts';
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import { useAuth } from 'react-oidc-context';
import type { ConsoleConfig } from '../config.ts';
import { ClientProvider, connect } from '../service/client.tsx';
import { createQueryClient } from '../service/query-client.ts';
import { here, tokenSource } from './user-manager.ts';

/** Who uses the page. */
interface Person {
  email: string;
  name: string;
  /** Whether it operates the service. The page only offers by it; the service decides. */
  vendor: boolean;
  signOut: () => void;
}

const PersonContext = createContext<Person | undefined>(undefined);

export const usePerson = (): Person => {
  const person = useContext(PersonContext);
  if (!person) throw new Error('Nobody is signed in here.');
  return person;
};

/** Gives the page its person and its way to the service, for as long as the sign-in lasts. */
export const SignedIn = ({
  config,
  manager,
  children,
}: {
  config: ConsoleConfig;
  manager: UserManager;
  children: ReactNode;
}) => {
  const { user } = useAuth();
  const [ended, setEnded] = useState(false);

  const [client, queries] = useMemo(
    () => [connect(tokenSource(manager)), createQueryClient(() => setEnded(true))] as const,
    [manager],
  );

  // The person stays who it was while its sign-in has ended and is not renewed yet.
  const [profile, setProfile] = useState(user?.profile);
  if (user && user.profile !== profile) setProfile(user.profile);
  const person = useMemo<Person>(() => {
    const { email = '', name } = profile ?? {};
    const groups = profile?.[config.groupsClaim];
    return {
      email,
      name: name ?? email,
      vendor: Array.isArray(groups) && groups.includes(config.vendorGroup),
      signOut: () => {
        // Cognito names the two otherwise than the standard does.
        const extraQueryParams = { client_id: config.clientId, logout_uri: `${location.origin}/` };
        manager
          .signoutRedirect({ extraQueryParams })
          .catch(() => manager.removeUser().then(() => location.assign('/')));
      },
    };
  }, [config, manager, profile]);

  return (
    <PersonContext value={person}>
      <ClientProvider value={client}>
        <QueryClientProvider client={queries}>
          {children}
          <SignInAgain
            visible={ended}
            onDismiss={() => setEnded(false)}
            onAgain={() => void manager.signinRedirect({ state: here() })}
          />
        </QueryClientProvider>
      </ClientProvider>
    </PersonContext>
  );
};

interface SignInAgainProps {
  visible: boolean;
  onDismiss: () => void;
  onAgain: () => void;
}

/** On top of the page, which stays as it is beneath: what was typed can still be read, and copied. */
const SignInAgain = ({ visible, onDismiss, onAgain }: SignInAgainProps) => (
  <Modal
    visible={visible}
    header="Your sign-in has ended"
    onDismiss={onDismiss}
    footer={
      <Box float="right">
        <Button variant="primary" onClick={onAgain}>
          Sign in again
        </Button>
      </Box>
    }
  >
    Sign in again to go on: you come back to this page. What the service has not confirmed yet was not done.
  </Modal>
);
