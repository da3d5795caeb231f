/** An address of the page that is about an organization: `/organizations/org_1/products/KRE`. */
export const organizationPath = (organizationId: string, ...below: string[]): string =>
  ['/organizations', organizationId, ...below]
    .map((part, at) => (at === 0 ? part : encodeURIComponent(part)))
    .join('/');
