import Button from '@cloudscape-design/components/button';
import Flashbar from '@cloudscape-design/components/flashbar';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useLocation, useRoute } from 'wouter';
import type { YourInvitation } from '../../client/index.ts';
import { useClient } from '../api/client.tsx';
import { useAction } from '../api/use-action.ts';
import { useStickyError } from '../api/use-sticky-error.ts';
import { exactTime } from '../components/time/format-time.ts';
import { organizationPath } from '../shell/paths.ts';
import { usePerson } from '../sign-in/signed-in.tsx';
import { roleName } from './roles.ts';

const REFRESH_MS = 60_000;

/** Returns the open invitations of the signed-in person; undefined until they are loaded. With it the error of the last load. */
export const useYourInvitations = () => {
  const client = useClient();
  const query = useQuery({
    queryKey: ['your-invitations'],
    queryFn: async () => (await client.listYourInvitations({ limit: 200 })).items,
    refetchInterval: REFRESH_MS,
  });
  const { data, refetch } = query;
  // An invitation may have come while the user was in another window: with the mail.
  useEffect(() => {
    const refresh = () => void refetch();
    addEventListener('focus', refresh);
    return () => removeEventListener('focus', refresh);
  }, [refetch]);
  return { invitations: data, error: useStickyError(query), refetch };
};

/** Accepts an invitation, and opens the organization. */
export const useAcceptInvitation = ({ inDialog = false }: { inDialog?: boolean } = {}) => {
  const { renewToken } = usePerson();
  const [, navigate] = useLocation();
  const client = useClient();
  return useAction({
    run: async (token: string) => {
      const member = await client.acceptInvitation({ token });
      await renewToken();
      return member;
    },
    done: ({ role }) => `You are a member now, as ${roleName(role)}.`,
    invalidates: [['organizations'], ['your-invitations']],
    inDialog,
    onSuccess: ({ organizationId }) => navigate(organizationPath(organizationId, 'products')),
  });
};

/** Returns the inviter's name and address. */
export const inviterOf = ({ invitedBy }: YourInvitation): string => {
  if (!invitedBy) return 'A former member';
  const { name, email } = invitedBy;
  return name === email ? email : `${name} (${email})`;
};

/** Shows the person's open invitations on every page but the page of an invitation. */
export const InvitationBar = () => {
  const { invitations = [] } = useYourInvitations();
  const accept = useAcceptInvitation();
  const [onPageOfOne] = useRoute('/invitations/:token');
  if (onPageOfOne || invitations.length === 0) return null;
  return (
    <Flashbar
      items={invitations.map((invitation) => ({
        id: invitation.token,
        type: 'info',
        header: `You are invited to ${invitation.organization.name}`,
        content: `${inviterOf(invitation)} invites you as ${roleName(invitation.role)}, until ${exactTime(Date.parse(invitation.expiresAt))}.`,
        action: (
          <Button loading={accept.running} onClick={() => accept.run(invitation.token)}>
            Accept the invitation
          </Button>
        ),
      }))}
    />
  );
};
