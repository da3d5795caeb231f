import { describe, expect, it } from 'vitest';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { issueOfflineLicense } from '../../../shared/contracts/issue-offline-license.ts';
import { jwks } from '../../../shared/contracts/jwks.ts';
import { setSubscription } from '../../../shared/contracts/set-subscription.ts';
import { clock, day, type Json, terms, utcIn } from '../support/harness.ts';
import { verifyLicense } from '../support/verify-license.ts';
import { openPage } from './page.ts';

const page = await openPage();
const { got, start, issue, figures } = page;
const offline = (rules: object = {}) => ({ offline: { allowed: true, maxDays: null, reserveOnline: 0, ...rules } });

it.each(['KSE', 'KRE'])(
  'owner or admin enters a machine ID, and if wanted an earlier expiry and a description; the file is %s_<machineID>.lic',
  async (product) => {
    const path = { organizationId: page.organizationId, product };
    const licenseType = product === 'KSE' ? 'per-user' : 'floating';
    await got(201, setSubscription, { as: 'vendor', path, body: terms({ licenseType, ...offline() }) });
    const expiresAt = utcIn(day);
    for (const [as, body] of [
      ['owner', { machineId: 'press-3' }],
      ['admin', { machineId: 'press-3', expiresAt, description: 'Hall 2' }],
    ] as const) {
      const license = await got(201, issueOfflineLicense, { as, path, body });
      expect(license).toMatchObject({ ...body, fileName: `${product}_press-3.lic` });
    }
    await got(403, issueOfflineLicense, { as: 'user', path, body: { machineId: 'press-3' } });
  },
);

it('the default expiry is the subscription’s end, or the subscription’s own maximum (60 days, say) if earlier; only ever settable earlier', async () => {
  const end = utcIn(90 * day);
  const { set } = await page.floating({ quota: 10, expiresAt: end, ...offline() });
  expect(await issue(201, { machineId: 'm1' })).toMatchObject({ expiresAt: end });
  await issue(400, { machineId: 'm1', expiresAt: utcIn(91 * day) });

  await set({ expiresAt: end, ...offline({ maxDays: 60 }) });
  const before = Date.now();
  const sixtyDays = Date.parse((await issue(201, { machineId: 'm2' })).expiresAt) - 60 * day;
  expect(sixtyDays).toBeGreaterThanOrEqual(before);
  expect(sixtyDays).toBeLessThanOrEqual(Date.now());
  const { errors } = await issue(400, { machineId: 'm2', expiresAt: utcIn(61 * day) });
  expect(errors).toMatchObject([{ pointer: '/body/expiresAt' }]);
  const earlier = utcIn(59 * day);
  expect(await issue(201, { machineId: 'm2', expiresAt: earlier })).toMatchObject({ expiresAt: earlier });

  // Near the end of the subscription its end is the earlier one.
  clock.advance(50 * day);
  expect(await issue(201, { machineId: 'm3' })).toMatchObject({ expiresAt: end });
});

it('irrevocable, not transferable, counts against the quota until it expires; then one license is available again and a new file may be made', async () => {
  const { set } = await page.perUser({ quota: 1, expiresAt: utcIn(30 * day), ...offline() });
  const first = await issue(201, { machineId: 'press-3', expiresAt: utcIn(day), userId: await page.userId('user') });
  const stands = async () => {
    expect(await figures()).toMatchObject({ available: 0, inUse: { offline: 1 } });
    expect(await page.offlineLicenses()).toEqual([first]);
    expect(await page.grant('admin@acme.example')).not.toEqual(['granted']);
  };
  await stands();
  await page.ungrant(404, 'user');
  await page.handOver(404, 'user', 'admin');
  await stands();
  for (const change of [offline(), { offline: { allowed: false } }]) {
    await set({ quota: 0, ...change });
    expect(await figures()).toMatchObject({ available: 0, inUse: { offline: 1 } });
    await set({ quota: 1, ...change });
    await stands();
  }

  clock.advance(day + 1);
  await set(offline());
  expect(await figures()).toMatchObject({ available: 1, inUse: { offline: 0 } });
  const second = await issue(201, { machineId: 'press-3' });
  expect(second.id).not.toBe(first.id);
  expect(await page.offlineLicenses()).toEqual(expect.arrayContaining([{ ...first, status: 'expired' }, second]));
  expect(await figures()).toMatchObject({ available: 0, inUse: { offline: 1 } });
});

it('several offline licenses for one machine are allowed: each is one parallel session', async () => {
  await page.floating({ quota: 3, ...offline() });
  const licenses = [await issue(201, { machineId: 'press-3' }), await issue(201, { machineId: 'press-3' })];
  expect(new Set(licenses.map(({ id }) => id)).size).toBe(2);
  await page.activated('online', 'user', 'press-3');
  expect(await figures()).toMatchObject({ available: 0, inUse: { online: 1, offline: 2 } });
  await issue(409, { machineId: 'press-3' });
  // Their files differ in their content.
  const [one, two] = await Promise.all(licenses.map((license) => page.download(license)));
  expect(one?.file).not.toBe(two?.file);
});

it('a low-water mark can keep some seats for online use only', async () => {
  await page.floating({ quota: 3, ...offline({ reserveOnline: 2 }) });
  await issue(201, { machineId: 'press-3' });
  expect(await issue(409, { machineId: 'press-4' })).toMatchObject({ code: 'license-quota-exceeded', inUse: 1 });
  expect(await figures()).toMatchObject({ available: 2 });
  for (const sessionId of ['one', 'two']) await page.activated(sessionId);
  await start(409, { as: 'user', machineId: 'm', sessionId: 'three' });
  await got(204, deactivate, { as: 'user', path: { sessionId: 'one' } });
  await issue(409, { machineId: 'press-4' });
});

describe('the file can be verified without a network, with a public key, in any language that has a JOSE library', () => {
  const issued = async () => {
    const { path } = await page.floating({ quota: 5, ...offline() });
    const license = await issue(201, { machineId: 'press-3', expiresAt: utcIn(day) });
    const { file } = await page.download(license);
    // All that the machine has: the file, and the keys that came with the software.
    const keys = await got(200, jwks, { as: 'nobody' });
    const here = { product: path.product as string, machineId: 'press-3', now: new Date(), latestSeen: new Date() };
    return {
      license,
      file,
      verify: (changes: Json = {}, changed = file) => verifyLicense(changed, keys, { ...here, ...changes }),
    };
  };

  it('it is accepted on its machine until its date', async () => {
    const { license, verify } = await issued();
    expect(await verify()).toMatchObject({ jti: license.id, machineId: 'press-3' });
    expect(await verify({ now: new Date(Date.now() + day - 5000) })).toMatchObject({ jti: license.id });
  });
  it('a changed byte, another machine or a passed date is refused', async () => {
    const { file, verify } = await issued();
    for (let at = 0; at < file.length; at += 7) {
      const changed = file[at] === 'A' ? 'B' : 'A';
      await expect(verify({}, file.slice(0, at) + changed + file.slice(at + 1)), `byte ${at}`).rejects.toThrow();
    }
    await expect(verify({ machineId: 'press-4' })).rejects.toThrow('"sub"');
    await expect(verify({ product: 'OTHER' })).rejects.toThrow('product');
    await expect(verify({ now: new Date(Date.now() + day + 1000) })).rejects.toThrow('"exp"');
  });
});
