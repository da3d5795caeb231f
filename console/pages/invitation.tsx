import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useLocation, useParams } from 'wouter';
import { NotFound } from '../../client/index.ts';
import { useClient } from '../api/client.tsx';
import { useAction } from '../api/use-action.ts';
import { ProblemAlert } from '../components/problem.tsx';
import { roleName } from '../organization/roles.ts';
import { Page } from '../shell/page.tsx';
import { organizationPath } from '../shell/paths.ts';
import { usePerson } from '../sign-in/signed-in.tsx';

/** The page behind the link of an invitation. */
const Invitation = () => {
  const { token = '' } = useParams();
  const { email, renewToken } = usePerson();
  const [, navigate] = useLocation();
  const client = useClient();
  const accept = useAction({
    run: async () => {
      const member = await client.acceptInvitation({ token });
      await renewToken();
      return member;
    },
    done: ({ role }) => `You are a member now, as ${roleName(role)}.`,
    invalidates: [['organizations']],
    inDialog: true,
    onSuccess: ({ organizationId }) => navigate(organizationPath(organizationId, 'products')),
  });
  return (
    <Page title="You are invited">
      <Container>
        <SpaceBetween size="m">
          {accept.error instanceof NotFound && (
            <Alert type="error" header="This invitation is not good for you">
              An invitation is valid once, for the invited address, until it expires or is revoked. Sign out and open
              the link again as that address, or ask for another invitation.
            </Alert>
          )}
          {Boolean(accept.error) && !(accept.error instanceof NotFound) && (
            <ProblemAlert error={accept.error} onRetry={() => accept.run()} />
          )}
          <p>
            Accept the invitation to see and use the licenses of the organization that invited you. You are signed in as{' '}
            <b>{email}</b>, which must be the invited address.
          </p>
          <Button variant="primary" loading={accept.running} onClick={() => accept.run()}>
            Accept the invitation
          </Button>
        </SpaceBetween>
      </Container>
    </Page>
  );
};

export default Invitation;
