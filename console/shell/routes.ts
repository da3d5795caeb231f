import { type ComponentType, lazy } from 'react';
import { isMember, isVendor, managesLicenses, type Role, seesFigures } from '../organization/roles.ts';

/** A page about an organization. Its code is loaded when it is first opened. */
interface OrganizationPage {
  /** Below `/organizations/{id}/`. */
  path: string;
  title: string;
  /** The heading that it stands under at the side. */
  section: 'Licenses' | 'Organization';
  /** To whom it is offered. */
  offeredTo: (role: Role) => boolean;
  Component: ComponentType;
}

const everyone = () => true;

/** The pages of an organization, in the order of the navigation at the side. Another page is another line. */
export const organizationPages: readonly OrganizationPage[] = [
  {
    path: 'products',
    title: 'Products',
    section: 'Licenses',
    offeredTo: everyone,
    Component: lazy(() => import('../pages/products.tsx')),
  },
  {
    path: 'members',
    title: 'Members',
    section: 'Organization',
    offeredTo: isMember,
    Component: lazy(() => import('../pages/organization/members.tsx')),
  },
  {
    path: 'invitations',
    title: 'Invitations',
    section: 'Organization',
    offeredTo: managesLicenses,
    Component: lazy(() => import('../pages/organization/invitations.tsx')),
  },
  {
    path: 'api-keys',
    title: 'API keys',
    section: 'Organization',
    offeredTo: isMember,
    Component: lazy(() => import('../pages/organization/api-keys.tsx')),
  },
  {
    path: 'webhooks',
    title: 'Webhooks',
    section: 'Organization',
    offeredTo: managesLicenses,
    Component: lazy(() => import('../pages/organization/webhooks.tsx')),
  },
  {
    path: 'audit-trail',
    title: 'Audit trail',
    section: 'Organization',
    offeredTo: managesLicenses,
    Component: lazy(() => import('../pages/organization/audit-trail.tsx')),
  },
];

/** A tab of a product's page. */
interface ProductTab {
  /** Below `/organizations/{id}/products/{product}/`. */
  path: string;
  title: string;
  offeredTo: (role: Role) => boolean;
  Component: ComponentType;
  /** It is a form: what was typed stays while another tab is looked at. */
  form?: true;
}

/** The tabs of a product, in their order. Another tab is another line. */
export const productTabs: readonly ProductTab[] = [
  {
    path: 'details',
    title: 'Details',
    offeredTo: seesFigures,
    Component: lazy(() => import('../pages/product/details.tsx')),
  },
  {
    path: 'terms',
    title: 'Terms',
    offeredTo: isVendor,
    Component: lazy(() => import('../pages/vendor/terms.tsx')),
    form: true,
  },
  {
    path: 'licensed-users',
    title: 'Licensed users',
    offeredTo: managesLicenses,
    Component: lazy(() => import('../pages/product/licensed-users.tsx')),
  },
  {
    path: 'online-licenses',
    title: 'Online licenses',
    offeredTo: managesLicenses,
    Component: lazy(() => import('../pages/product/online-licenses.tsx')),
  },
  {
    path: 'offline-licenses',
    title: 'Offline licenses',
    offeredTo: managesLicenses,
    Component: lazy(() => import('../pages/product/offline-licenses.tsx')),
  },
  {
    path: 'machines',
    title: 'Registered machines',
    offeredTo: managesLicenses,
    Component: lazy(() => import('../pages/product/machines.tsx')),
  },
  {
    path: 'usage',
    title: 'Usage',
    offeredTo: managesLicenses,
    Component: lazy(() => import('../pages/product/usage.tsx')),
  },
];
