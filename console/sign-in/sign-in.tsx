import type { UserManager } from 'oidc-client-ts';
import { type ReactNode, use, useEffect, useState } from 'react';
import { AuthProvider, useAuth } from 'react-oidc-context';
import { Loading } from '../components/loading.tsx';
import type { ConsoleConfig } from '../config.ts';
import { FullPageAlert } from '../shell/full-page-alert.tsx';
import { readConfig } from './config.ts';
import { SignedIn } from './signed-in.tsx';
import { createUserManager, currentLocation, type SignInState } from './user-manager.ts';

const ready = readConfig().then((config) => ({ config, manager: createUserManager(config) }));

/** Signs the user in first, then returns to the requested address. */
export const SignIn = ({ children }: { children: ReactNode }) => {
  const { config, manager } = use(ready);
  return (
    <AuthProvider
      userManager={manager}
      onSigninCallback={(user) => returnToPage(user?.state as SignInState | undefined)}
    >
      <Gate config={config} manager={manager}>
        {children}
      </Gate>
    </AuthProvider>
  );
};

/** The code of the sign-in must not stay in the address. */
const returnToPage = (state: SignInState | undefined) => {
  const returnTo = state?.returnTo ?? '/';
  history.replaceState(null, '', returnTo.startsWith('//') ? '/' : returnTo);
};

const Gate = ({ children, ...setUp }: { config: ConsoleConfig; manager: UserManager; children: ReactNode }) => {
  const { isAuthenticated, isLoading, error, activeNavigator, signinRedirect } = useAuth();
  // Later, the page stays when a sign-in ends: a dialog on top asks to sign in again.
  const [entered, setEntered] = useState(false);
  const toSignIn = !entered && !isAuthenticated && !isLoading && !error && !activeNavigator;
  useEffect(() => {
    if (isAuthenticated) setEntered(true);
    else if (toSignIn) void signinRedirect({ state: currentLocation() });
  }, [isAuthenticated, toSignIn, signinRedirect]);

  if (entered) return <SignedIn {...setUp}>{children}</SignedIn>;
  if (error && !isLoading)
    return (
      <FullPageAlert
        header="The sign-in did not succeed"
        action={{ text: 'Sign in', onClick: () => void signinRedirect({ state: { returnTo: '/' } }) }}
      >
        Sign in again. If that does not help, tell your administrator: {error.message}
      </FullPageAlert>
    );
  return <Loading text="Signing you in" />;
};
