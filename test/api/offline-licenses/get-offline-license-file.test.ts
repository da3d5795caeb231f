import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { getOfflineLicenseFile } from '../../../shared/contracts/get-offline-license-file.ts';
import { issueOfflineLicense } from '../../../shared/contracts/issue-offline-license.ts';
import { jwks } from '../../../shared/contracts/jwks.ts';
import { keys } from '../../../shared/table/store/keys.ts';
import { update } from '../../../shared/table/store/table.ts';
import { clock, day, licenseKeys, openWorld, utcIn } from '../support/harness.ts';
import { verifyLicense } from '../support/verify-license.ts';

const { foreignId, call, got, subscribe: subscribeTo, table } = await openWorld();
const subscribe = (changes: object = {}) => subscribeTo({ offline: { allowed: true }, quota: 100, ...changes });
const issue = (body: object = {}) =>
  got(201, issueOfflineLicense, { as: 'owner', body: { machineId: 'press-3', ...body } });
const download = (licenseId: string) => call(getOfflineLicenseFile, { as: 'admin', path: { licenseId } });
const publicKeys = () => got(200, jwks, { as: 'nobody' });

describe('200', () => {
  it('is a file with a name, that nobody on the way keeps', async () => {
    const { path } = await subscribe();
    const { id, fileName } = await issue();
    const { status, headers, body } = await download(id);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/jose',
      'content-disposition': `attachment; filename="${path.product}_press-3.lic"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(fileName).toBe(`${path.product}_press-3.lic`);
    expect(body).toMatch(/^[\w-]+\.[\w-]+\.[\w-]{86}$/);
  });
  it.each(['00:1A:2B', 'ada@laptop=1+2', '...', '~', ':'.repeat(128), '.'.repeat(128), 'filename=x', '-rf'])(
    'of the machine %s: a name that is good on every system and in the header, and the machine itself in the file',
    async (machineId) => {
      const { path } = await subscribe();
      const { id, fileName } = await issue({ machineId });
      expect(fileName).toMatch(new RegExp(`^${path.product}_[A-Za-z0-9._~%-]+\\.lic$`));
      expect(fileName.length).toBeLessThanOrEqual(255);
      const { headers, body } = await download(id);
      const [, quoted, , extended] =
        /^attachment; filename="([^"\\]+)"(; filename\*=UTF-8''([A-Za-z0-9._~%-]+))?$/.exec(
          headers['content-disposition'] as string,
        ) ?? [];
      expect(quoted).toBe(fileName);
      expect(decodeURIComponent(extended ?? fileName)).toBe(fileName);
      const good = { product: path.product as string, machineId, now: new Date(), latestSeen: new Date() };
      expect(await verifyLicense(body, await publicKeys(), good)).toMatchObject({ machineId, jti: id });
    },
  );
  it('is the same bytes each time: also many at once, after its expiry, and after a change of keys', async () => {
    await subscribe();
    const { id } = await issue({ expiresAt: utcIn(60_000) });
    const files = await Promise.all([1, 2, 3, 4].map(() => download(id)));
    const first = files[0]?.body;
    clock.advance(day);
    expect(new Set([...files, await download(id)].map(({ body }) => body))).toEqual(new Set([first]));
  });
  it('is signed by the download, if the issuing request died before', async () => {
    const { path } = await subscribe();
    const { id } = await issue();
    const key = keys.offlineLicense(path, id);
    const unsigned = () => update(table, { Key: key, UpdateExpression: 'REMOVE jws' });
    const before = await download(id);
    await unsigned();
    const files = await Promise.all([1, 2, 3].map(() => download(id)));
    // EdDSA signs the same bytes the same way: it is the file that it was.
    expect(new Set(files.map(({ body }) => body))).toEqual(new Set([before.body]));
    await update(table, {
      Key: key,
      UpdateExpression: 'SET jws = :jws',
      ExpressionAttributeValues: { ':jws': 'signed.by.another' },
    });
    expect((await download(id)).body).toBe('signed.by.another');
  });
});

describe('404', () => {
  it('a license that never existed, is of another product, or was never answered', async () => {
    const { path } = await subscribe();
    const { id } = await issue();
    expect((await download('off_none')).status).toBe(404);
    await update(table, {
      Key: keys.offlineLicense(path, id),
      UpdateExpression: 'SET #status = :pending',
      ExpressionAttributeValues: { ':pending': 'pending' },
    });
    expect((await download(id)).status).toBe(404);
    const other = await issue();
    await subscribe();
    expect((await download(other.id)).status).toBe(404);
  });
  it('of another organization', async () => {
    const { path } = await subscribe();
    const { id } = await issue();
    const theirs = { organizationId: foreignId, product: path.product as string, licenseId: id };
    expect((await call(getOfflineLicenseFile, { as: 'stranger', path: theirs })).status).toBe(404);
    expect((await call(getOfflineLicenseFile, { as: 'stranger', path: { licenseId: id } })).status).toBe(404);
  });
});

describe('a verifier', () => {
  const made = async () => {
    const { path } = await subscribe();
    const license = await issue({ expiresAt: utcIn(day) });
    const { body: file } = await download(license.id);
    const here = { product: path.product as string, machineId: 'press-3', now: new Date(), latestSeen: new Date() };
    const verify = (changed: Partial<typeof here> = {}, as: string = file) =>
      publicKeys().then((set) => verifyLicense(as, set, { ...here, ...changed }));
    return { file, license, verify };
  };

  it('is documented as it is tested', () => {
    expect(readFileSync('docs/offline-licenses.md', 'utf8')).toContain(
      readFileSync('test/api/support/verify-license.ts', 'utf8'),
    );
  });
  it('accepts the file on its machine until its expiry', async () => {
    const { verify, license } = await made();
    expect(await verify()).toMatchObject({ jti: license.id });
    await verify({ now: new Date(Date.parse(license.expiresAt) - 2000) });
  });
  it('refuses it on another machine, for another product, after its expiry, and before its time', async () => {
    const { verify, license } = await made();
    await expect(verify({ machineId: 'press-4' })).rejects.toThrow('sub');
    await expect(verify({ product: 'OTHER' })).rejects.toThrow('another product');
    await expect(verify({ now: new Date(license.expiresAt) })).rejects.toThrow('exp');
    await expect(verify({ now: new Date(Date.parse(license.issuedAt) - 2000) })).rejects.toThrow('nbf');
  });
  it('refuses an expired file also when the clock was set back', async () => {
    const { verify } = await made();
    await expect(verify({ latestSeen: new Date(Date.now() + 2 * day) })).rejects.toThrow('set back');
  });
  it('refuses it with any character changed', async () => {
    const { file, verify } = await made();
    for (let at = 0; at < file.length; at += 7) {
      const changed = file.slice(0, at) + (file[at] === 'A' ? 'Q' : 'A') + file.slice(at + 1);
      await expect(verify({}, changed), `at ${at}`).rejects.toThrow();
    }
    await expect(verify({}, file.slice(0, -1))).rejects.toThrow();
  });
  it('accepts what a former key signed, and nothing that a foreign key or another kind of token did', async () => {
    const { file, verify } = await made();
    const claims = JSON.parse(Buffer.from(file.split('.')[1] as string, 'base64url').toString());
    const [present, former] = licenseKeys.map((key) => createPrivateKey({ key, format: 'jwk' }));
    const signed = (key = present, header: object = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'EdDSA', typ: 'leasehold-license+jwt', kid: 'present', ...header })
        .sign(key as NonNullable<typeof key>);
    await verify({}, await signed());
    await verify({}, await signed(former, { kid: 'former' }));
    await expect(verify({}, await signed(former))).rejects.toThrow('signature');
    await expect(verify({}, await signed(present, { kid: 'unknown' }))).rejects.toThrow();
    await expect(verify({}, await signed(present, { typ: 'JWT' }))).rejects.toThrow('typ');
    const [, payload] = file.split('.');
    const header = Buffer.from('{"alg":"none","typ":"leasehold-license+jwt","kid":"present"}').toString('base64url');
    await expect(verify({}, `${header}.${payload}.`)).rejects.toThrow();
    const none = sign(null, Buffer.from(`${header}.${payload}`), present as NonNullable<typeof present>);
    await expect(verify({}, `${header}.${payload}.${none.toString('base64url')}`)).rejects.toThrow('alg');
  });
});
