import { type Client, Forbidden, NotFound, ProductNotInCatalogue } from '../../../client/index.ts';
import { sleep } from '../../../client/timing.ts';

/** How long the gateway may remember that a person was no member yet, ms: 30 seconds, with a margin. */
const rememberedMs = 45_000;

/**
 * Finds the vendor's own organization for tests of a deployment, by its name, or makes it with the vendor as its owner.
 *
 * @returns its ID
 * @throws Error if the person is not the vendor, or has no verified address
 */
export const findTestOrganization = async (client: Client): Promise<string> => {
  const { vendor, email } = await client.getMe();
  if (!vendor || email === null)
    throw new Error('The credential is not a sign-in of the vendor with a verified address.');
  const name = `Tests of ${email}`.slice(0, 100);
  for await (const organization of client.listOrganizations({ limit: 200 }))
    if (organization.name === name) return organization.id;
  return (await client.createOrganization({ name, ownerEmail: email })).id;
};

/** Waits until the gateway has learned that the person is the owner of an organization that may be new. */
export const untilOwner = async (client: Client, organizationId: string, signal?: AbortSignal): Promise<void> => {
  for (const until = Date.now() + rememberedMs; ; await sleep(1000, signal)) {
    try {
      await client.listApiKeys({ organizationId, limit: 1 });
      return;
    } catch (error) {
      if (!(error instanceof Forbidden) || Date.now() > until) throw error;
    }
  }
};

/** How many license files a day the tests may issue. */
const offlineLicensesPerDay = 1000;

/** Raises the limit of license files a day, which would stop a tenth test. */
const raiseLimits = async (client: Client, organizationId: string): Promise<void> => {
  const limits = await client.getLimits({ organizationId });
  if (limits.offlineLicensesPerDay === offlineLicensesPerDay) return;
  await client.setLimits({ organizationId, offlineLicensesPerDay });
};

/** Sells a test product: one floating license. Adds it to a catalogue that would refuse it. */
export const sellTestProduct = async (client: Client, organizationId: string, product: string): Promise<void> => {
  await raiseLimits(client, organizationId);
  const terms = {
    licenseType: 'floating',
    quota: 1,
    // A license that a test does not give back is free before the next one.
    leaseSeconds: 30,
    offline: { allowed: true },
    // No mail announces an end that is so far ahead.
    expiresAt: '2099-12-31T00:00:00Z',
  } as const;
  const sell = () => client.setSubscription({ organizationId, product, productName: 'Test', ...terms });
  try {
    await sell();
  } catch (error) {
    if (!(error instanceof ProductNotInCatalogue)) throw error;
    try {
      await client.setProduct({ product, name: 'Test', licenseType: 'floating' });
      await sell();
    } finally {
      await removeTestProduct(client, product);
    }
  }
};

/** Removes a test product from the catalogue, if it is there. */
export const removeTestProduct = async (client: Client, product: string): Promise<void> => {
  try {
    await client.getProduct({ product });
  } catch (error) {
    if (error instanceof NotFound) return;
    throw error;
  }
  await client.removeProduct({ product });
};
