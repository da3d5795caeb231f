import { describe, expect, it } from 'vitest';
import { getProduct } from '../../../shared/contracts/get-product.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { listProducts } from '../../../shared/contracts/list-products.ts';
import { listVendorAuditEvents } from '../../../shared/contracts/list-vendor-audit-events.ts';
import { removeProduct } from '../../../shared/contracts/remove-product.ts';
import { setLimits } from '../../../shared/contracts/set-limits.ts';
import { setProduct } from '../../../shared/contracts/set-product.ts';
import { setSubscription } from '../../../shared/contracts/set-subscription.ts';
import { openFollower } from '../support/changes.ts';
import { type Json, openWorld, terms } from '../support/harness.ts';

const { call, got, organizationId, table } = await openWorld({ stream: true });
const follow = await openFollower(table);
const put = (product: string, body: object = {}) =>
  call(setProduct, { as: 'vendor', path: { product }, body: { name: product, licenseType: 'floating', ...body } });
const remove = (product: string) => call(removeProduct, { as: 'vendor', path: { product } });
const sell = (product: string, changes: object = {}) =>
  call(setSubscription, { as: 'vendor', path: { product }, body: terms(changes) });

describe('an empty catalogue', () => {
  it('stops no sale', async () => {
    expect((await call(listProducts, { as: 'vendor' })).body).toEqual({ items: [] });
    expect((await sell('OLD')).status).toBe(201);
  });
});

describe('a catalogue', () => {
  it('keeps products with their default terms, and lists them by code', async () => {
    const { status, body } = await put('KSE', { name: 'Studio', licenseType: 'per-user', terms: { quota: 5 } });
    expect(status).toBe(200);
    expect(body).toEqual({
      product: 'KSE',
      name: 'Studio',
      licenseType: 'per-user',
      terms: {
        quota: 5,
        months: 12,
        trialDays: 14,
        leaseSeconds: 120,
        offline: { allowed: false, maxDays: 60 },
        idleTimeoutMinutes: null,
      },
      changedAt: expect.any(String),
    });
    expect(await got(200, getProduct, { as: 'vendor', path: { product: 'KSE' } })).toEqual(body);
    await put('KRE');
    await put('KRE', { name: 'Runner' });
    const { items } = await got(200, listProducts, { as: 'vendor' });
    expect(items.map(({ product, name }: Json) => [product, name])).toEqual([
      ['KRE', 'Runner'],
      ['KSE', 'Studio'],
    ]);
    expect((await call(getProduct, { as: 'vendor', path: { product: 'NONE' } })).status).toBe(404);
  });
  it('refuses a typo, names near products, and creates nothing', async () => {
    await put('KRE');
    const refused = await sell('KRR');
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: 'product-not-in-catalogue', near: ['KRE'] });
    expect(refused.body.detail).toContain('Do you mean KRE?');
    const missing = await call(getProduct, { as: 'vendor', path: { product: 'KRR' } });
    expect(missing.body).toMatchObject({
      code: 'not-found',
      detail: 'The catalogue has no product KRR. Do you mean KRE?',
    });
    expect((await sell('SOMETHING-ELSE')).body).toMatchObject({ code: 'product-not-in-catalogue', near: [] });
    expect((await call(getSubscription, { as: 'vendor', path: { product: 'KRR' } })).status).toBe(404);
  });
  it('sells its products, and renews what was sold before the catalogue', async () => {
    await put('KRE');
    expect((await sell('KRE')).status).toBe(201);
    expect((await sell('OLD', { quota: 9 })).body).toMatchObject({ quota: 9 });
  });
  it('refuses an idle timeout of a floating product', async () => {
    const { status, body } = await put('KRE', { terms: { idleTimeoutMinutes: 5 } });
    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ pointer: '/body/terms/idleTimeoutMinutes' }]);
  });
});

describe('a product that is removed', () => {
  const codes = async () =>
    (await got(200, listProducts, { as: 'vendor' })).items.map(({ product }: Json) => product as string);

  it('is not sold any more; its subscriptions are renewed; it can come back', async () => {
    await put('KEPT');
    await put('OUT');
    expect((await sell('OUT')).status).toBe(201);
    expect((await remove('OUT')).status).toBe(204);
    expect(await codes()).not.toContain('OUT');
    expect((await call(getProduct, { as: 'vendor', path: { product: 'OUT' } })).status).toBe(404);
    expect((await sell('OUT', { quota: 7 })).body).toMatchObject({ quota: 7 });
    // Near codes are those that can be sold.
    expect((await sell('OUR')).body).toMatchObject({ code: 'product-not-in-catalogue', near: [] });

    expect((await remove('OUT')).status).toBe(204);
    expect((await remove('NEVER')).status).toBe(404);
    await put('OUT', { name: 'Back' });
    expect(await got(200, getProduct, { as: 'vendor', path: { product: 'OUT' } })).toMatchObject({ name: 'Back' });
  });
  it('was the last: every code is sold again', async () => {
    await put('LAST');
    expect((await sell('ANY-CODE')).status).toBe(409);
    for (const product of await codes()) await remove(product);
    expect((await sell('ANY-CODE')).status).toBe(201);
  });
});

describe('the vendor’s audit events', () => {
  const events = async (query: Record<string, string> = {}): Promise<Json[]> => {
    await follow();
    return (await got(200, listVendorAuditEvents, { as: 'vendor', query })).items;
  };

  it('tell each change of the catalogue once, with its values', async () => {
    await put('TOLD', { name: 'Told' });
    await put('TOLD', { name: 'Told' });
    await put('TOLD', { name: 'Told anew', terms: { quota: 25 } });
    await remove('TOLD');
    await remove('TOLD');
    const told = await events({ target: 'TOLD' });
    expect(told.map(({ action }) => action)).toEqual(['product.removed', 'product.changed', 'product.added']);
    expect(told[1]).toEqual({
      id: expect.any(String),
      at: expect.any(String),
      action: 'product.changed',
      actor: { type: 'vendor', id: 'sub-of-vendor' },
      target: { type: 'product', id: 'TOLD' },
      product: 'TOLD',
      details: {
        before: { name: 'Told', terms: expect.objectContaining({ quota: 10 }) },
        after: { name: 'Told anew', terms: expect.objectContaining({ quota: 25 }) },
      },
    });
    expect(await events({ action: 'product.*', product: 'TOLD' })).toEqual(told);
  });
  it('tell what the vendor did in an organization, and nothing that others did there', async () => {
    await put('SOLD');
    await sell('SOLD');
    await sell('SOLD', { status: 'suspended' });
    await got(200, setLimits, { as: 'vendor', body: { webhooks: 7 } });
    const ours = (await events()).filter((event) => event.organizationId === organizationId);
    const sold = ours.filter(({ product }) => product === 'SOLD');
    expect(sold.map(({ action }) => action).sort()).toEqual(['subscription.changed', 'subscription.created']);
    expect(sold.find(({ action }) => action === 'subscription.changed')).toMatchObject({
      details: { before: { status: 'active' }, after: { status: 'suspended' } },
    });
    expect(ours.map(({ action }) => action)).toContain('organization.limits-set');
    expect(ours.every(({ actor }) => actor.type === 'vendor')).toBe(true);
  });
  it('tell that a trial became a sale', async () => {
    await put('TRIED');
    const expiresAt = '2031-05-31T00:00:00.000Z';
    await sell('TRIED', { trial: true, expiresAt });
    await sell('TRIED', { expiresAt });
    expect((await events({ product: 'TRIED', action: 'subscription.changed' }))[0].details).toEqual({
      before: { trial: true },
      after: { trial: false },
    });
  });
});

describe('a trial and a note', () => {
  const path = { product: 'TRIAL' };
  const read = (as: 'vendor' | 'owner'): Promise<Json> => got(200, getSubscription, { as, path });

  it('are part of a subscription; only the vendor sees the note, and a renewal keeps it', async () => {
    await put('TRIAL');
    expect((await sell('TRIAL', { trial: true, note: 'Met at the fair' })).status).toBe(201);
    expect(await read('vendor')).toMatchObject({ trial: true, note: 'Met at the fair' });
    const seen = await read('owner');
    expect(seen).toMatchObject({ trial: true });
    expect(seen).not.toHaveProperty('note');

    await sell('TRIAL', { quota: 30 });
    const renewed = await read('vendor');
    expect(renewed).toMatchObject({ quota: 30, note: 'Met at the fair' });
    expect(renewed).not.toHaveProperty('trial');
    await sell('TRIAL', { note: null });
    expect(await read('vendor')).not.toHaveProperty('note');
  });
});
