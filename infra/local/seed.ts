import { randomUUID } from 'node:crypto';
import { addMember } from '../../shared/table/items/members.ts';
import { openTable } from '../../shared/table/store/table.ts';
import { readJson, writePrivateJson } from './data-dir/json-files.ts';
import { accounts } from './demo-accounts.ts';

/** The tokens in `credentials.json`. */
export type Tokens = Record<keyof typeof accounts, string>;

/** The state of the seeding. Saved after each step, so that the next start continues after a kill. */
interface Seeded {
  organizationId?: string;
  /** For the request for the API key: a repetition returns the same key. */
  idempotencyKey?: string;
  apiKey?: string;
}

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

const offline = { allowed: true };
const subscriptions = {
  KRE: { licenseType: 'floating', productName: 'Katalon Runtime Engine', quota: 10, offline },
  KSE: { licenseType: 'per-user', productName: 'Katalon Studio Enterprise', quota: 5, offline },
};

/**
 * Creates the organization `acme` once, through the API. Only members without an invitation, which the API does not offer, are
 * written to the table. Every step may be repeated.
 *
 * @param options.stateFile the file that records the finished steps
 */
export const seed = async (options: {
  baseUrl: string;
  tokens: Tokens;
  stateFile: string;
}): Promise<{ organizationId: string; apiKey: string }> => {
  const { baseUrl, tokens, stateFile } = options;
  let state = readJson<Seeded>(stateFile) ?? {};
  const save = (step: Seeded) => {
    state = { ...state, ...step };
    writePrivateJson(stateFile, state);
  };
  const call = caller(baseUrl);

  // The directory may outlive the data, or belong to another DynamoDB.
  const known = state.organizationId;
  if (!known || !(await call('GET', `/v1/organizations/${known}`, tokens.vendor, { mayBeMissing: true }))) {
    state = {};
    const body = { name: 'acme', ownerEmail: accounts.owner.email };
    const { id } = (await call('POST', '/v1/organizations', tokens.vendor, { body })) as { id: string };
    save({ organizationId: id });
  }
  const organizationId = state.organizationId!;
  if (state.apiKey) return { organizationId, apiKey: state.apiKey };
  const organization = `/v1/organizations/${organizationId}`;

  const expiresAt = new Date(Date.now() + YEAR_MS).toISOString();
  for (const [product, subscription] of Object.entries(subscriptions)) {
    const body = { ...subscription, expiresAt };
    await call('PUT', `${organization}/subscriptions/${product}`, tokens.vendor, { body });
  }

  const members = (await call('GET', `${organization}/members`, tokens.owner)) as { items: { email: string }[] };
  for (const [account, role] of [
    ['admin', 'admin'],
    ['billingManager', 'billing-manager'],
    ['user', 'user'],
  ] as const) {
    const { email, name } = accounts[account];
    if (members.items.some((member) => member.email === email)) continue;
    await addMember(openTable('service#seed'), { organizationId, email, role, name, now: Date.now() });
  }

  save({ idempotencyKey: state.idempotencyKey ?? randomUUID() });
  const { key } = (await call('POST', `${organization}/api-keys`, tokens.user, {
    body: { name: 'Local stack', scope: 'activate' },
    idempotencyKey: state.idempotencyKey,
  })) as { key: string };
  save({ apiKey: key });
  return { organizationId, apiKey: key };
};

interface CallOptions {
  body?: object;
  idempotencyKey?: string;
  /** Returns undefined for a 404 instead of throwing. */
  mayBeMissing?: boolean;
}

const caller =
  (baseUrl: string) =>
  async (method: string, path: string, token: string, options: CallOptions = {}): Promise<unknown> => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(options.body && { 'content-type': 'application/json' }),
        ...(options.idempotencyKey && { 'idempotency-key': options.idempotencyKey }),
      },
      body: options.body && JSON.stringify(options.body),
    });
    const text = await response.text();
    if (response.status === 404 && options.mayBeMissing) return undefined;
    if (!response.ok) throw new Error(`Seeding: ${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  };
