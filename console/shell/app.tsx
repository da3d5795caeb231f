import AppLayout from '@cloudscape-design/components/app-layout';
import { I18nProvider } from '@cloudscape-design/components/i18n';
import messages from '@cloudscape-design/components/i18n/messages/all.en';
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { Route, Switch, useLocation, useRoute } from 'wouter';
import { usePhone } from '../components/list/use-phone.ts';
import { Loading } from '../components/loading.tsx';
import { Landing } from '../organization/landing.tsx';
import { WithOrganization } from '../organization/organization.tsx';
import { InvitationBar } from '../organization/your-invitations.tsx';
import { SignIn } from '../sign-in/sign-in.tsx';
import { usePerson } from '../sign-in/signed-in.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { useFocusKeeper } from './focus-keeper.ts';
import { NotificationBar, Notifications } from './notifications.tsx';
import { usePalette } from './palette/use-palette.tsx';
import { type Panel, PanelProvider, PanelView } from './panel.tsx';
import { RoleGate } from './role-gate.tsx';
import { organizationPages, vendorPages } from './routes.ts';
import { SideBar, VendorSideBar } from './side-bar.tsx';
import { SkipLink } from './skip-link.tsx';
import { TopBar } from './top-bar.tsx';

const ChooseOrganization = lazy(() => import('../organization/choose-organization.tsx'));
const ProductPage = lazy(() => import('../pages/product/product.tsx'));
const Invitation = lazy(() => import('../pages/invitation.tsx'));
const NotFound = lazy(() => import('../pages/not-found.tsx'));

/** The License Management page. */
export const App = () => (
  <I18nProvider locale="en" messages={[messages]}>
    <ErrorBoundary of="app">
      <Suspense fallback={<Loading text="Loading" />}>
        <SignIn>
          <Notifications>
            <Frame />
          </Notifications>
        </SignIn>
      </Suspense>
    </ErrorBoundary>
  </I18nProvider>
);

const Frame = () => {
  const [, parameters] = useRoute('/organizations/:organizationId/*?');
  const organizationId = parameters?.organizationId;
  const { vendor } = usePerson();
  useFocusKeeper();
  const { palette, openPalette } = usePalette(organizationId);
  return (
    <>
      <SkipLink />
      <TopBar organizationId={organizationId} onSearch={openPalette} />
      {organizationId === undefined ? (
        <Layout navigation={vendor && <VendorSideBar />}>
          <Switch>
            <Route path="/" component={Landing} />
            <Route path="/organizations" component={ChooseOrganization} />
            {vendor && vendorPages.map(({ path, Component }) => <Route key={path} path={path} component={Component} />)}
            <Route path="/invitations/:token" component={Invitation} />
            <Route component={NotFound} />
          </Switch>
        </Layout>
      ) : (
        <WithOrganization
          key={organizationId}
          id={organizationId}
          outside={(page) => <Layout navigation={vendor && <VendorSideBar />}>{page}</Layout>}
        >
          <Layout navigation={<SideBar />}>
            <Switch>
              {organizationPages.map(({ path, title, isAllowed, Component }) => (
                <Route key={path} path={`/organizations/:organizationId/${path}`}>
                  <RoleGate title={title} to={isAllowed} isPage>
                    <Component />
                  </RoleGate>
                </Route>
              ))}
              <Route path="/organizations/:organizationId/products/:product/:tab?" component={ProductPage} />
              <Route component={NotFound} />
            </Switch>
          </Layout>
        </WithOrganization>
      )}
      {palette}
    </>
  );
};

/** Removes an attribute that a navigation may not have, and that the layout gives its navigation on phones. */
const useValidNavigation = () => {
  const phone = usePhone();
  useEffect(() => {
    const nav = phone && document.querySelector('nav[aria-orientation]');
    if (nav) nav.removeAttribute('aria-orientation');
  });
};

const Layout = ({ navigation, children }: { navigation?: ReactNode; children: ReactNode }) => {
  const [location] = useLocation();
  const [open, setOpen] = useState(() => matchMedia('(width > 688px)').matches);
  const [shown, setShown] = useState<{ at: string; panel: Panel }>();
  useValidNavigation();
  // A panel belongs to its page.
  const panel = shown?.at === location ? shown.panel : undefined;
  return (
    <AppLayout
      headerSelector="#top"
      navigation={navigation}
      navigationHide={!navigation}
      navigationOpen={open}
      onNavigationChange={({ detail }) => setOpen(detail.open)}
      toolsHide
      notifications={
        <>
          <NotificationBar />
          <InvitationBar />
        </>
      }
      stickyNotifications
      splitPanel={panel && <PanelView {...panel} />}
      splitPanelOpen={panel !== undefined}
      splitPanelPreferences={{ position: 'side' }}
      onSplitPanelToggle={({ detail }) => detail.open || setShown(undefined)}
      content={
        <ErrorBoundary of={location}>
          <PanelProvider value={(next) => setShown({ at: location, panel: next })}>
            <Suspense fallback={<Loading text="Loading the page" />}>{children}</Suspense>
          </PanelProvider>
        </ErrorBoundary>
      }
    />
  );
};
