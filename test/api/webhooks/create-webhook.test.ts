import { describe, expect, it } from 'vitest';
import { createOrganization } from '../../../shared/contracts/create-organization.ts';
import { createWebhook } from '../../../shared/contracts/create-webhook.ts';
import { listWebhooks } from '../../../shared/contracts/list-webhooks.ts';
import { removeWebhook } from '../../../shared/contracts/remove-webhook.ts';
import { rotateWebhookSecret } from '../../../shared/contracts/rotate-webhook-secret.ts';
import { type As, clock, type Json, mint, openWorld, stamp } from '../support/harness.ts';

const { got, stored } = await openWorld();
const valid = { url: 'https://hooks.example.com/leasehold', events: ['*'] };

/** The same for a URL of its own. */
const another = () => ({ ...valid, url: `https://hooks.example.com/${stamp()}` });
/** A new organization, which has no webhook yet. */
const organization = async () => {
  const email = `${stamp()}@example.com`;
  const { id } = await got(201, createOrganization, { as: 'vendor', body: { name: 'New', ownerEmail: email } });
  return { organizationId: id as string, as: { bearer: await mint({ sub: stamp(), email, email_verified: true }) } };
};
const create = async (
  status: number,
  body: object = valid,
  { as, organizationId, key }: { as: As; organizationId?: string; key?: string } = { as: 'owner' },
): Promise<Json> =>
  got(status, createWebhook, {
    as,
    body,
    ...(organizationId && { path: { organizationId } }),
    ...(key && { headers: { 'idempotency-key': key } }),
  });

describe('201', () => {
  it('answers the webhook and its secret, of the Standard Webhooks form', async () => {
    const made = await create(201, { ...valid, events: ['license.refused', 'subscription.*', 'license.refused'] });
    expect(made).toMatchObject({
      id: expect.stringMatching(/^whk_/),
      url: valid.url,
      events: ['license.refused', 'subscription.*'],
      confirmedAt: null,
      disabledAt: null,
    });
    const [, secret] = /^whsec_([A-Za-z0-9+/]+=*)$/.exec(made.secret) ?? [];
    expect(Buffer.from(secret as string, 'base64')).toHaveLength(32);
  });
  it('never shows the challenge: only its target gets it', async () => {
    const made = await create(201, another());
    const items = (await stored()).filter((item) => item.includes(made.id));
    const { challenge } = JSON.parse(items.find((item) => item.includes('"challenge"')) as string);
    expect(challenge).toMatch(/^[\w-]{32}$/);
    for (const shown of [made, await got(200, listWebhooks, { as: 'owner' })])
      expect(JSON.stringify(shown)).not.toContain(challenge);
  });
  it('shows the secret in this answer alone, and keeps it nowhere', async () => {
    const { secret } = await create(201, another());
    expect(JSON.stringify(await got(200, listWebhooks, { as: 'owner' }))).not.toContain('whsec_');
    expect((await stored()).join()).not.toContain(secret.slice('whsec_'.length));
  });
  it('each has a secret of its own', async () => {
    const { organizationId, as } = await organization();
    const [one, two] = [
      await create(201, another(), { as, organizationId }),
      await create(201, another(), { as, organizationId }),
    ];
    expect(one.id).not.toBe(two.id);
    expect(one.secret).not.toBe(two.secret);
  });
  it('by an owner or admin', async () => {
    await create(201, another(), { as: 'admin' });
  });
});

describe('Idempotency-Key', () => {
  it('the same request again, also many times at once, makes one webhook and returns its secret again', async () => {
    const { organizationId, as } = await organization();
    const key = stamp();
    const made = await Promise.all([1, 2, 3, 4].map(() => create(201, valid, { as, organizationId, key })));
    clock.advance(10_000);
    made.push(await create(201, valid, { as, organizationId, key }));
    expect(new Set(made.map((one) => JSON.stringify(one))).size).toBe(1);
    expect((await got(200, listWebhooks, { as, path: { organizationId } })).items).toHaveLength(1);
  });
  it.each([{ url: 'https://other.example.com/' }, { events: ['license.*'] }])(
    'is refused for another request: %j',
    async (other) => {
      const key = stamp();
      const { organizationId, as } = await organization();
      await create(201, valid, { as, organizationId, key });
      expect(await create(400, { ...valid, ...other }, { as, organizationId, key })).toMatchObject({
        errors: [{ pointer: '/headers/idempotency-key' }],
      });
    },
  );
  it('is refused once its webhook was removed, or has another secret', async () => {
    const { organizationId, as } = await organization();
    const [one, two] = [stamp(), stamp()];
    const { id: removed } = await create(201, valid, { as, organizationId, key: one });
    await got(204, removeWebhook, { as, path: { organizationId, webhookId: removed } });
    await create(400, valid, { as, organizationId, key: one });
    const { id: rotated } = await create(201, valid, { as, organizationId, key: two });
    await got(200, rotateWebhookSecret, { as, path: { organizationId, webhookId: rotated }, body: {} });
    await create(400, valid, { as, organizationId, key: two });
  });
});

describe('400', () => {
  it.each<[string, object, string]>([
    ['no URL', { events: ['*'] }, '/body/url'],
    ['no https', { ...valid, url: 'http://hooks.example.com/' }, '/body/url'],
    ['this machine', { ...valid, url: 'http://localhost:3000/' }, '/body/url'],
    ['a private address', { ...valid, url: 'https://10.0.0.1/' }, '/body/url'],
    ['the metadata of a machine', { ...valid, url: 'https://169.254.169.254/' }, '/body/url'],
    ['a port of another service', { ...valid, url: 'https://hooks.example.com:25/' }, '/body/url'],
    ['a password', { ...valid, url: 'https://a:b@hooks.example.com/' }, '/body/url'],
    ['a URL beyond measure', { ...valid, url: `https://hooks.example.com/${'x'.repeat(2000)}` }, '/body/url'],
    ['no events', { url: valid.url, events: [] }, '/body/events'],
    ['an event that never happens', { ...valid, events: ['license.stolen'] }, '/body/events/0'],
    ['a noun that is none', { ...valid, events: ['*', 'seat.*'] }, '/body/events/1'],
    ['a secret of one’s own', { ...valid, secret: 'whsec_AAAA' }, '/body/secret'],
  ])('%s', async (_, body, pointer) => {
    expect(await create(400, body)).toMatchObject({ errors: [{ pointer }] });
  });
});

describe('409', () => {
  it('an 11th webhook; after one is removed there is room again', async () => {
    const { organizationId, as } = await organization();
    const at = (number: number) => ({ ...valid, url: `${valid.url}/${number}` });
    const ids: string[] = [];
    for (let number = 1; number <= 10; number++) ids.push((await create(201, at(number), { as, organizationId })).id);
    expect(await create(409, at(11), { as, organizationId })).toMatchObject({
      code: 'limit-exceeded',
      limit: 'webhooks',
      value: 10,
    });
    await got(204, removeWebhook, { as, path: { organizationId, webhookId: ids[0] as string } });
    await create(201, at(11), { as, organizationId });
  });
});
