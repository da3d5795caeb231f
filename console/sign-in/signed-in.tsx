import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import { QueryClientProvider } from '@tanstack/react-query';
import type { UserManager } from 'oidc-client-ts';
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import { useAuth } from 'react-oidc-context';
import { ClientProvider, createServiceClient } from '../api/client.tsx';
import { createQueryClient } from '../api/query-client.ts';
import type { ConsoleConfig } from '../config.ts';
import { VendorContactContext } from '../organization/vendor-contact.tsx';
import { currentLocation, tokenSource } from './user-manager.ts';

/** The signed-in person. */
interface Person {
  email: string;
  name: string;
  /** Whether the person operates the service. Only decides what the page shows; the service enforces it. */
  vendor: boolean;
  /** Gets a new token: the service caches the permissions of the old one for half a minute. */
  renewToken: () => Promise<void>;
  signOut: () => void;
}

const PersonContext = createContext<Person | undefined>(undefined);

export const usePerson = (): Person => {
  const person = useContext(PersonContext);
  if (!person) throw new Error('Nobody is signed in here.');
  return person;
};

/** Provides the person and the client to the page. */
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

  const [token, client, queries] = useMemo(() => {
    const source = tokenSource(manager);
    return [source, createServiceClient(source), createQueryClient(setEnded)] as const;
  }, [manager]);

  // Keep the person while an ended sign-in is not renewed yet.
  const [profile, setProfile] = useState(user?.profile);
  if (user && user.profile !== profile) setProfile(user.profile);
  const person = useMemo<Person>(() => {
    const { email = '', name } = profile ?? {};
    const groups = profile?.[config.groupsClaim];
    return {
      email,
      name: name ?? email,
      vendor: Array.isArray(groups) && groups.includes(config.vendorGroup),
      renewToken: async () => {
        const user = await manager.getUser();
        try {
          await token({ rejected: user?.id_token, signal: undefined });
        } catch {
          // The old token stays valid.
        }
      },
      signOut: () => {
        // Cognito's own parameter names.
        const extraQueryParams = { client_id: config.clientId, logout_uri: `${location.origin}/` };
        manager
          .signoutRedirect({ extraQueryParams })
          .catch(() => manager.removeUser().then(() => location.assign('/')));
      },
    };
  }, [config, manager, profile, token]);

  const signInAgain = async () => {
    try {
      // In another window, so that the input on this page stays.
      const renewed = await manager.signinPopup();
      if (renewed.profile.sub !== profile?.sub) return location.reload();
      setEnded(false);
      await queries.invalidateQueries();
    } catch {
      // The browser opens no window.
      await manager.signinRedirect({ state: currentLocation() });
    }
  };

  return (
    <PersonContext value={person}>
      <ClientProvider value={client}>
        <QueryClientProvider client={queries}>
          <VendorContactContext value={config.vendorContact}>{children}</VendorContactContext>
          {ended && <SignInAgain onDismiss={() => setEnded(false)} onAgain={() => void signInAgain()} />}
        </QueryClientProvider>
      </ClientProvider>
    </PersonContext>
  );
};

interface SignInAgainProps {
  onDismiss: () => void;
  onAgain: () => void;
}

/** Shown on top of the page and any dialog, which keep their input. */
const SignInAgain = ({ onDismiss, onAgain }: SignInAgainProps) => (
  <Modal
    visible
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
    Sign in again to go on: a window opens for it, and this page stays as it is. What the service has not confirmed yet
    was not done.
  </Modal>
);
