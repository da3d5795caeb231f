import TopNavigation, { type TopNavigationProps } from '@cloudscape-design/components/top-navigation';
import { useLocation } from 'wouter';
import { useOrganizations } from '../organization/organization.tsx';
import { roleName } from '../organization/roles.ts';
import { usePerson } from '../sign-in/signed-in.tsx';
import { paletteKeys } from './palette/use-palette.tsx';
import { organizationPath } from './paths.ts';
import { type Theme, themes, useTheme } from './theme.ts';
import { useLinkHandler } from './use-link-handler.ts';

/** The most organizations in the menu; the page of all has the others. */
const IN_MENU = 10;
const themeNames: Record<Theme, string> = { system: 'As the system', light: 'Light', dark: 'Dark' };

interface TopBarProps {
  /** The organization of the page. */
  organizationId: string | undefined;
  /** Opens the command palette. */
  onSearch: () => void;
}

export const TopBar = ({ organizationId, onSearch }: TopBarProps) => {
  const { name, email, signOut } = usePerson();
  const { items: organizations } = useOrganizations();
  const { theme, choose } = useTheme();
  const [, navigate] = useLocation();
  const onFollow = useLinkHandler();

  const current = organizations.find(({ id }) => id === organizationId);
  const organizationMenu: TopNavigationProps.Utility = {
    type: 'menu-dropdown',
    text: current?.name ?? 'Organizations',
    title: 'Organization',
    ariaLabel: current ? `Organization: ${current.name}` : 'Organizations: none chosen',
    items: [
      ...organizations.slice(0, IN_MENU).map(({ id, name: text, role }) => ({
        id,
        text,
        secondaryText: roleName(role),
        href: organizationPath(id, 'products'),
      })),
      { id: 'all', text: 'All organizations', href: '/organizations' },
    ],
    onItemFollow: onFollow,
  };
  const search: TopNavigationProps.Utility = {
    type: 'button',
    iconName: 'search',
    text: `Go to (${paletteKeys})`,
    title: 'Go to a product, member, page or action',
    onClick: onSearch,
  };
  const themeMenu: TopNavigationProps.Utility = {
    type: 'menu-dropdown',
    iconName: 'settings',
    title: 'Appearance',
    ariaLabel: 'Appearance',
    items: themes.map((id) => ({
      id,
      text: themeNames[id],
      itemType: 'checkbox' as const,
      checked: id === theme,
    })),
    onItemClick: ({ detail }) => choose(detail.id as Theme),
  };
  const personMenu: TopNavigationProps.Utility = {
    type: 'menu-dropdown',
    iconName: 'user-profile',
    text: name,
    description: email,
    ariaLabel: `${name}, signed in as ${email}`,
    items: [
      {
        id: 'docs',
        text: 'API documentation',
        href: '/docs',
        external: true,
        externalIconAriaLabel: '(opens in a new tab)',
      },
      { id: 'sign-out', text: 'Sign out' },
    ],
    onItemClick: ({ detail }) => {
      if (detail.id === 'sign-out') signOut();
    },
  };
  return (
    <div id="top">
      <TopNavigation
        identity={{
          title: 'Leasehold',
          href: '/organizations',
          onFollow: (event) => {
            event.preventDefault();
            navigate('/');
          },
        }}
        utilities={[search, organizationMenu, themeMenu, personMenu]}
      />
    </div>
  );
};
