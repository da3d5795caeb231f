import { randomBytes } from 'node:crypto';
import { DynamoDBClient, type ServiceInputTypes, type ServiceOutputTypes } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { createTable } from '../../infra/local/table.ts';
import type { SubscriptionTerms } from '../../shared/domain/subscription.ts';
import type { Pool } from '../../shared/table/keys.ts';
import { createOrganization } from '../../shared/table/organizations.ts';
import { setSubscription } from '../../shared/table/subscriptions.ts';
import { documents, type Table } from '../../shared/table/table.ts';

/** What happens around one request to DynamoDB: call `send` to let it through. */
export type Around = (
  command: { name: string; input: Record<string, any> },
  send: () => Promise<ServiceOutputTypes>,
) => Promise<ServiceOutputTypes>;

export interface Database {
  /** The table through a client of its own; `around` is run for each try of each request, inside the SDK's retries. */
  client: (around?: Around) => Table;
  credentials: { accessKeyId: string; secretAccessKey: string };
  endpoint: string;
}

const name = 'Leasehold';

/** A fresh database with an empty table: DynamoDB Local keeps one per access key. */
export const createDatabase = async (): Promise<Database> => {
  const endpoint = inject('dynamodb');
  const credentials = { accessKeyId: randomBytes(10).toString('hex'), secretAccessKey: 'secret' };
  await createTable(endpoint, name, credentials);
  const client = (around?: Around): Table => {
    const dynamodb = new DynamoDBClient({
      endpoint,
      credentials,
      region: 'eu-central-1',
      maxAttempts: 6,
      requestHandler: { requestTimeout: 20_000, httpsAgent: undefined },
    });
    if (around)
      dynamodb.middlewareStack.add(
        (next, context) => async (args) => {
          const command = { name: String(context.commandName).replace(/Command$/, ''), input: args.input as never };
          let result: any;
          const output = await around(command, async () => {
            result = await next(args);
            return result.output;
          });
          return { ...result, output };
        },
        // Before serialization the input is still the command's; a `finalizeRequest` step runs once per try.
        { step: 'initialize', name: 'around', priority: 'high' },
      );
    return { name, client: documents(dynamodb) };
  };
  return { client, credentials, endpoint };
};

/** A day from now: subscriptions of tests last that long. */
export const tomorrow = () => Date.now() + 86_400_000;

export const terms = (changes: Partial<SubscriptionTerms> = {}): SubscriptionTerms => ({
  productName: 'Katalon Runtime Engine',
  licenseType: 'floating',
  quota: 10,
  machineQuota: 10,
  expiresAt: tomorrow(),
  leaseSeconds: 60,
  offline: { allowed: false, maxDays: null, reserveOnline: 0 },
  idleTimeoutMinutes: null,
  suspended: false,
  ...changes,
});

let pools = 0;

/** A new organization with one subscription. */
export const createPool = async (
  table: Table,
  changes: Partial<SubscriptionTerms> = {},
): Promise<Pool & { set: (changes: Partial<SubscriptionTerms>) => ReturnType<typeof setSubscription> }> => {
  const { id: organizationId } = await createOrganization(table, {
    name: 'Acme',
    ownerEmail: `owner${++pools}@acme.example`,
    now: Date.now(),
  });
  const pool = { organizationId, product: 'KRE' };
  const set = (now: Partial<SubscriptionTerms>) =>
    setSubscription(table, pool, terms({ ...changes, ...now }), Date.now());
  await set({});
  return { ...pool, set };
};

export type { ServiceInputTypes };
