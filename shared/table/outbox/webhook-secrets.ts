import { createHmac } from 'node:crypto';
import { type SigningVersion, signingVersions, type Webhook } from '../../domain/outbox/webhook.ts';
import { secretOfVersion } from '../store/purpose-secrets.ts';
import type { Table } from '../store/table.ts';

/** The secret of a version: derived, so that no webhook's item tells it, nor any answer but that to who made it. */
const secretOf = async (
  table: Table,
  { organizationId, id }: Webhook,
  { secretVersion, derivedFrom }: SigningVersion,
): Promise<string> => {
  const { bytes } = await secretOfVersion(table, 'webhooks', derivedFrom);
  const digest = createHmac('sha256', bytes).update(`webhook\n${organizationId}\n${id}\n${secretVersion}`);
  return `whsec_${digest.digest('base64')}`;
};

/** The secret of a webhook: the newest. */
export const newestSecret = (table: Table, webhook: Webhook): Promise<string> =>
  secretOf(table, webhook, signingVersions(webhook, 0)[0]);

/** The secrets that deliveries are signed with now, newest first. */
export const signingSecrets = (table: Table, webhook: Webhook, now: number): Promise<string[]> =>
  Promise.all(signingVersions(webhook, now).map((version) => secretOf(table, webhook, version)));
