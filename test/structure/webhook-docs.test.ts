import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, describe, expect, it } from 'vitest';
import { AuditEvent } from '../../shared/contracts/schemas/audit-event.ts';

const text = readFileSync('docs/webhooks.md', 'utf8');
const [, snippet = ''] = /```ts\n(.+?)```/s.exec(text) ?? [];
// Beside the tests, where its import is found.
const directory = mkdtempSync(join(import.meta.dirname, 'snippet-'));
afterAll(() => rmSync(directory, { recursive: true }));

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
const body = '{"type":"license.refused","timestamp":"2027-01-31T09:30:00.000Z","data":{"id":"a"}}';
const signedBy = (secrets: string[], at = new Date()) => ({
  'webhook-id': 'dlv_a',
  'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
  'webhook-signature': secrets.map((one) => new Webhook(one).sign('dlv_a', at, body)).join(' '),
});

describe('docs/webhooks.md', () => {
  it('verifies in TypeScript what is signed, by either of two secrets, and nothing else', async () => {
    const file = join(directory, 'verified.ts');
    writeFileSync(file, snippet);
    const { verified } = await import(file);
    expect(verified(secret, signedBy([secret]), body)).toEqual(JSON.parse(body));
    expect(verified(secret, signedBy([other, secret]), body)).toEqual(JSON.parse(body));
    expect(() => verified(secret, signedBy([other]), body)).toThrow();
    expect(() => verified(secret, signedBy([secret]), body.replace('"a"', '"b"'))).toThrow();
    expect(() => verified(secret, signedBy([secret], new Date(Date.now() - 301_000)), body)).toThrow();
  });
  it('shows a message as it is sent', () => {
    const [, sent = '{}'] = /```http\n[^`]+\n\n({[^\n]+})\n```/.exec(text) ?? [];
    const { type, timestamp, data } = JSON.parse(sent);
    const { organizationId, ...event } = data;
    expect(AuditEvent.strict().parse(event)).toEqual(event);
    expect({ type, timestamp }).toEqual({ type: event.action, timestamp: event.at });
    expect(organizationId).toMatch(/^org_/);
  });
});
