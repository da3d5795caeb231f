import { afterAll } from 'vitest';
import { type Client, type ClientOptions, createClient, type Input } from '../../client/index.ts';
import { onDatabase } from '../console/stack.ts';
import { makeDataDir, runStack } from '../local/stack-process.ts';
import { createDatabase } from '../table/support/database.ts';

/** The real service on the tests' DynamoDB, for a whole test file. `as` gives a client with the credential of a role. */
export const startService = async () => {
  const database = onDatabase(await createDatabase({ stream: true }));
  const stack = runStack({ LEASEHOLD_DATA_DIR: makeDataDir(afterAll), ...database }, { over: afterAll });
  const credentials = await stack.ready;
  const { baseUrl, organizationId, apiKey, tokens } = credentials;
  const as = (who: keyof typeof tokens | 'apiKey', options: Partial<ClientOptions> = {}): Client =>
    createClient({ baseUrl, organizationId, credential: who === 'apiKey' ? apiKey : tokens[who], ...options });
  let products = 0;
  /** A new subscription, floating unless the terms say otherwise; its product code. */
  const subscribe = async (terms: Partial<Input<'setSubscription'>> = {}): Promise<string> => {
    const product = `P-${++products}`;
    await as('vendor').setSubscription({
      product,
      licenseType: 'floating',
      quota: 3,
      expiresAt: new Date(Date.now() + 30 * 86_400_000).toISOString(),
      offline: { allowed: true },
      ...terms,
    });
    return product;
  };
  return { stack, credentials, as, subscribe };
};
