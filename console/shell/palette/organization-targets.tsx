import type { Subscription, SubscriptionSummary } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useList } from '../../api/use-list.ts';
import { isMember, managesLicenses, type Role } from '../../organization/roles.ts';
import { organizationPath } from '../paths.ts';
import { organizationPages, productTabs } from '../routes.ts';
import type { ActionRequest } from './requested-action.ts';
import { Targets } from './targets.tsx';

interface OrganizationTargetsProps {
  organizationId: string;
  role: Role;
  search: string;
  go: (href: string, request?: ActionRequest) => void;
}

/** The members are searched from so many letters on, and so many are shown. */
const LEAST_LETTERS = 2;
const MOST_MEMBERS = 20;

const allowsOffline = (product: Subscription | SubscriptionSummary) => 'offline' in product && product.offline.allowed;

/** The products, pages, actions and members of an organization, as far as the user's role sees them. */
export const OrganizationTargets = ({ organizationId, role, search, go }: OrganizationTargetsProps) => {
  const client = useClient();
  const products = useList(['products', organizationId], (query) =>
    client.listSubscriptions({ organizationId, ...query }),
  );
  const path = (...below: string[]) => organizationPath(organizationId, ...below);
  const act = (action: ActionRequest['action'], ...below: string[]) => ({
    onSelect: () => go(path(...below), { action }),
  });
  const tabs = productTabs.filter(({ isAllowed }) => isAllowed(role));
  return (
    <>
      <Targets
        heading="Pages"
        targets={organizationPages
          .filter(({ isAllowed }) => isAllowed(role))
          .map(({ path: below, title }) => ({ id: below, text: title, onSelect: () => go(path(below)) }))}
      />
      <Targets
        heading="Products"
        targets={products.items.map(({ product, productName }) => ({
          id: product,
          text: productName,
          detail: product,
          onSelect: () => go(path('products', product)),
        }))}
      />
      {isMember(role) && search.trim().length >= LEAST_LETTERS && (
        <MemberTargets organizationId={organizationId} search={search} go={go} />
      )}
      <Targets
        heading="Actions"
        targets={[
          ...(managesLicenses(role)
            ? [
                ...products.items
                  .filter(({ licenseType }) => licenseType === 'per-user')
                  .map(({ product }) => ({
                    id: `assign ${product}`,
                    text: `Assign licenses of ${product}`,
                    ...act('assign', 'products', product, 'licensed-users'),
                  })),
                ...products.items.filter(allowsOffline).map(({ product }) => ({
                  id: `offline ${product}`,
                  text: `Create an offline license of ${product}`,
                  ...act('create', 'products', product, 'offline-licenses'),
                })),
                { id: 'invite', text: 'Invite people', ...act('invite', 'invitations') },
                { id: 'webhook', text: 'Create a webhook', ...act('create', 'webhooks') },
              ]
            : []),
          ...(isMember(role) ? [{ id: 'key', text: 'Create an API key', ...act('create', 'api-keys') }] : []),
        ]}
      />
      <Targets
        heading="Pages of products"
        targets={products.items.flatMap(({ product, productName }) =>
          tabs.map(({ path: tab, title }) => ({
            id: `${product} ${tab}`,
            text: `${product}: ${title}`,
            detail: productName,
            onSelect: () => go(path('products', product, tab)),
          })),
        )}
      />
    </>
  );
};

const MemberTargets = ({ organizationId, search, go }: Omit<OrganizationTargetsProps, 'role'>) => {
  const client = useClient();
  const members = useList(['members', organizationId], (query) => client.listMembers({ organizationId, ...query }), {
    loadAll: true,
  });
  const searched = search.trim().toLowerCase();
  return (
    <Targets
      heading="Members"
      targets={members.items
        .filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(searched))
        .slice(0, MOST_MEMBERS)
        .map(({ userId, name, email }) => ({
          id: userId,
          text: name,
          detail: email,
          onSelect: () => go(`${organizationPath(organizationId, 'members')}?${new URLSearchParams({ q: email })}`),
        }))}
    />
  );
};
