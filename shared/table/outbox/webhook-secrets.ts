import { createHmac } from 'node:crypto';
import { signingVersions, type Webhook } from '../../domain/webhook.ts';
import { serviceSecret } from '../store/service-secret.ts';
import type { Table } from '../store/table.ts';

/** The secret of a version: derived, so that no webhook's item tells it, nor any answer but that to who made it. */
const secretOf = async (table: Table, { organizationId, id }: Webhook, version: number): Promise<string> =>
  `whsec_${createHmac('sha256', await serviceSecret(table))
    .update(`webhook\n${organizationId}\n${id}\n${version}`)
    .digest('base64')}`;

/** The secret of a webhook: the newest. */
export const currentSecret = (table: Table, webhook: Webhook): Promise<string> =>
  secretOf(table, webhook, webhook.secretVersion);

/** The secrets that deliveries are signed with now, newest first. */
export const signingSecrets = (table: Table, webhook: Webhook, now: number): Promise<string[]> =>
  Promise.all(signingVersions(webhook, now).map((version) => secretOf(table, webhook, version)));
