import SideNavigation, { type SideNavigationProps } from '@cloudscape-design/components/side-navigation';
import { useLocation } from 'wouter';
import { useOrganization } from '../organization/organization.tsx';
import { isVendor } from '../organization/roles.ts';
import { organizationPath } from './paths.ts';
import { organizationPages, vendorPages } from './routes.ts';
import { useLinkHandler } from './use-link-handler.ts';

const vendorLinks: SideNavigationProps.Link[] = [
  { type: 'link', text: 'All organizations', href: '/organizations' },
  ...vendorPages.map(({ path, title }) => ({ type: 'link' as const, text: title, href: path })),
];

/** The vendor's own pages. */
export const VendorSideBar = () => {
  const [location] = useLocation();
  const onFollow = useLinkHandler();
  return (
    <SideNavigation
      header={{ text: 'Vendor', href: '/organizations' }}
      activeHref={location}
      items={vendorLinks}
      onFollow={onFollow}
    />
  );
};

/** The pages of the organization that the user's role may open. */
export const SideBar = () => {
  const { id, name, role } = useOrganization();
  const [location] = useLocation();
  const onFollow = useLinkHandler();

  const offered = organizationPages.filter(({ isAllowed }) => isAllowed(role));
  const items: SideNavigationProps.Item[] = [...new Set(offered.map(({ section }) => section))].map((section) => ({
    type: 'section-group',
    title: section,
    items: offered
      .filter((page) => page.section === section)
      .map(({ path, title }) => ({ type: 'link', text: title, href: organizationPath(id, path) })),
  }));
  if (isVendor(role)) items.push({ type: 'section-group', title: 'Vendor', items: vendorLinks });
  const open = offered.map(({ path }) => organizationPath(id, path)).find((href) => location.startsWith(href));
  return (
    <SideNavigation
      header={{ text: name, href: organizationPath(id, 'products') }}
      activeHref={open}
      items={items}
      onFollow={onFollow}
    />
  );
};
