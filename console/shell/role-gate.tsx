import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import type { ReactNode } from 'react';
import { useOrganization } from '../organization/organization.tsx';
import { isMember, type Role, roleName, rolesWith } from '../organization/roles.ts';
import { Page } from './page.tsx';
import { organizationPath } from './paths.ts';
import { useLinkHandler } from './use-link-handler.ts';

interface RoleGateProps {
  /** The name of the page: `Webhooks`. */
  title: string;
  to: (role: Role) => boolean;
  /** The content is a page, with a heading of its own. */
  isPage?: true;
  children?: ReactNode;
}

/** Shows content to the roles that may see it, and tells the others whom to ask. */
export const RoleGate = ({ title, to, isPage, children }: RoleGateProps) => {
  const { id, name, role } = useOrganization();
  const onFollow = useLinkHandler();
  if (to(role)) return children;
  const roles = rolesWith(to);
  const explanation = (
    <Alert
      type="info"
      header={roles ? `${title}: for ${roles}` : `${title}: for the vendor`}
      action={
        isMember(role) && (
          <Button href={organizationPath(id, 'my-licenses')} onFollow={onFollow}>
            My licenses
          </Button>
        )
      }
    >
      {isMember(role)
        ? `Your role at ${name} is ${roleName(role)}. Ask an owner or admin if you need to know, or to change your role.`
        : `You see the subscriptions of this customer. Members and sessions are private to ${name}.`}
    </Alert>
  );
  return isPage ? <Page title={title}>{explanation}</Page> : explanation;
};
