import { type ComponentType, lazy } from 'react';
import { isMember, isVendor, managesLicenses, type Role, seesFigures } from '../organization/roles.ts';

/** A page about an organization. Its code is loaded when it is first opened. */
interface OrganizationPage {
  /** Below `/organizations/{id}/`. */
  path: string;
  title: string;
  /** Its heading in the side navigation. */
  section: 'Licenses' | 'Organization';
  /** Returns whether a role sees the page. */
  isAllowed: (role: Role) => boolean;
  Component: ComponentType;
}

const everyone = () => true;

/** The pages of an organization, in the order of the navigation at the side. Another page is another line. */
export const organizationPages: readonly OrganizationPage[] = [
  {
    path: 'products',
    title: 'Products',
    section: 'Licenses',
    isAllowed: everyone,
    Component: lazy(() => import('../pages/products.tsx')),
  },
  {
    path: 'my-licenses',
    title: 'My licenses',
    section: 'Licenses',
    isAllowed: isMember,
    Component: lazy(() => import('../pages/my-licenses.tsx')),
  },
  {
    path: 'members',
    title: 'Members',
    section: 'Organization',
    isAllowed: isMember,
    Component: lazy(() => import('../pages/organization/members.tsx')),
  },
  {
    path: 'invitations',
    title: 'Invitations',
    section: 'Organization',
    isAllowed: managesLicenses,
    Component: lazy(() => import('../pages/organization/invitations.tsx')),
  },
  {
    path: 'api-keys',
    title: 'API keys',
    section: 'Organization',
    isAllowed: isMember,
    Component: lazy(() => import('../pages/organization/api-keys.tsx')),
  },
  {
    path: 'webhooks',
    title: 'Webhooks',
    section: 'Organization',
    isAllowed: managesLicenses,
    Component: lazy(() => import('../pages/organization/webhooks.tsx')),
  },
  {
    path: 'audit-trail',
    title: 'Audit trail',
    section: 'Organization',
    isAllowed: managesLicenses,
    Component: lazy(() => import('../pages/organization/audit-trail.tsx')),
  },
];

/** A tab of a product's page. */
interface ProductTab {
  /** Below `/organizations/{id}/products/{product}/`. */
  path: string;
  title: string;
  isAllowed: (role: Role) => boolean;
  Component: ComponentType;
  /** A form: its input stays while another tab is shown. */
  form?: true;
}

/** The tabs of a product, in their order. Another tab is another line. */
export const productTabs: readonly ProductTab[] = [
  {
    path: 'details',
    title: 'Details',
    isAllowed: seesFigures,
    Component: lazy(() => import('../pages/product/details.tsx')),
  },
  {
    path: 'terms',
    title: 'Terms',
    isAllowed: isVendor,
    Component: lazy(() => import('../pages/vendor/terms.tsx')),
    form: true,
  },
  {
    path: 'licensed-users',
    title: 'Licensed users',
    isAllowed: managesLicenses,
    Component: lazy(() => import('../pages/product/licenses/licensed-users.tsx')),
  },
  {
    path: 'online-licenses',
    title: 'Online licenses',
    isAllowed: managesLicenses,
    Component: lazy(() => import('../pages/product/online/online-licenses.tsx')),
  },
  {
    path: 'offline-licenses',
    title: 'Offline licenses',
    isAllowed: managesLicenses,
    Component: lazy(() => import('../pages/product/offline/offline-licenses.tsx')),
  },
  {
    path: 'machines',
    title: 'Registered machines',
    isAllowed: managesLicenses,
    Component: lazy(() => import('../pages/product/machines/machines.tsx')),
  },
  {
    path: 'alerts',
    title: 'Alerts',
    isAllowed: managesLicenses,
    Component: lazy(() => import('../pages/product/alerts.tsx')),
    form: true,
  },
  {
    path: 'usage',
    title: 'Usage',
    isAllowed: managesLicenses,
    Component: lazy(() => import('../pages/product/usage/usage.tsx')),
  },
];

/** The vendor's own pages, beside the organizations. */
export const vendorPages: readonly { path: string; title: string; Component: ComponentType }[] = [
  {
    path: '/subscriptions',
    title: 'Subscriptions',
    Component: lazy(() => import('../pages/vendor/portfolio.tsx')),
  },
  {
    path: '/catalogue',
    title: 'Catalogue',
    Component: lazy(() => import('../pages/vendor/catalogue/catalogue.tsx')),
  },
  {
    path: '/audit-events',
    title: 'Vendor audit',
    Component: lazy(() => import('../pages/vendor/vendor-audit.tsx')),
  },
];
