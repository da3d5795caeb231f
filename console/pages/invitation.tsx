import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useParams } from 'wouter';
import { NotFound } from '../../client/index.ts';
import { Breakable } from '../components/breakable.tsx';
import { Loading } from '../components/loading.tsx';
import { ProblemAlert } from '../components/problem.tsx';
import { Time } from '../components/time/time.tsx';
import { roleName } from '../organization/roles.ts';
import { inviterOf, useAcceptInvitation, useYourInvitations } from '../organization/your-invitations.tsx';
import { Page } from '../shell/page.tsx';
import { usePerson } from '../sign-in/signed-in.tsx';

/** The page behind the link of an invitation. */
const Invitation = () => {
  const { token = '' } = useParams();
  const { email } = usePerson();
  const accept = useAcceptInvitation({ inDialog: true });
  const { invitations, error, refetch } = useYourInvitations();
  if (!invitations && error)
    return (
      <Page title="Invitation">
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      </Page>
    );
  if (!invitations) return <Loading text="Loading the invitation" />;
  const invitation = invitations.find((one) => one.token === token);
  return (
    <Page title={invitation ? `You are invited to ${invitation.organization.name}` : 'Invitation'}>
      <Container>
        <SpaceBetween size="m">
          {accept.error instanceof NotFound && (
            <Alert type="error" header="This invitation is not for you, or no longer valid">
              An invitation is valid once, for the invited address, until it expires or is revoked. Sign out and open
              the link again as that address, or ask for another invitation.
            </Alert>
          )}
          {Boolean(accept.error) && !(accept.error instanceof NotFound) && (
            <ProblemAlert error={accept.error} onRetry={() => accept.run(token)} />
          )}
          {invitation && (
            <KeyValuePairs
              columns={4}
              items={[
                { label: 'Organization', value: invitation.organization.name },
                { label: 'Your role', value: roleName(invitation.role) },
                { label: 'Invited by', value: <Breakable>{inviterOf(invitation)}</Breakable> },
                { label: 'Can be accepted until', value: <Time at={invitation.expiresAt} /> },
              ]}
            />
          )}
          <p>
            {invitation
              ? 'Accept the invitation to see and use the licenses of this organization.'
              : 'This invitation is not among your open invitations: it is for another address, or no longer valid.'}{' '}
            You are signed in as <b>{email}</b>, which must be the invited address.
          </p>
          <Button
            variant={invitation ? 'primary' : 'normal'}
            loading={accept.running}
            onClick={() => accept.run(token)}
          >
            Accept the invitation
          </Button>
        </SpaceBetween>
      </Container>
    </Page>
  );
};

export default Invitation;
