/** The nouns for the last parameter of a path; a token is a secret, so no answer repeats it. */
const nouns: Readonly<Record<string, string>> = {
  organizationId: 'Organization',
  product: 'Product',
  sessionId: 'Session',
  machineId: 'Machine',
  userId: 'User',
  invitationId: 'Invitation',
  recoveryId: 'Recovery',
  keyId: 'API key',
  licenseId: 'Offline license',
  webhookId: 'Webhook',
  deliveryId: 'Delivery',
};

/**
 * Returns the explanation of a 404: what the caller asked for, by the path. It is the same for a thing that does not exist and
 * one that the caller may not know of.
 */
export const notFoundDetail = (path: Record<string, string | undefined>): string => {
  const { organizationId, product } = path;
  const [name, id] = Object.entries(path).findLast(([parameter]) => nouns[parameter]) ?? [];
  const about = name === undefined ? 'This' : `${nouns[name]} ${id}`;
  const ofProduct = product === undefined || name === 'product' ? '' : ` of product ${product}`;
  const where = organizationId === undefined || name === 'organizationId' ? '' : ` in ${organizationId}`;
  return (
    `${about}${ofProduct} was not found${where}, or your credential can't see it. Check each ID, and to which organization ` +
    'your credential belongs.'
  );
};
