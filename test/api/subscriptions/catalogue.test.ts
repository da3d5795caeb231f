import { describe, expect, it } from 'vitest';
import { getProduct } from '../../../shared/contracts/get-product.ts';
import { getSubscription } from '../../../shared/contracts/get-subscription.ts';
import { listProducts } from '../../../shared/contracts/list-products.ts';
import { setProduct } from '../../../shared/contracts/set-product.ts';
import { setSubscription } from '../../../shared/contracts/set-subscription.ts';
import { type Json, openWorld, terms } from '../support/harness.ts';

const { call, got } = await openWorld();
const put = (product: string, body: object = {}) =>
  call(setProduct, { as: 'vendor', path: { product }, body: { name: product, licenseType: 'floating', ...body } });
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
