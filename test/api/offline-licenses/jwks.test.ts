import { expect, it } from 'vitest';
import { jwks } from '../../../shared/contracts/jwks.ts';
import { licenseKeys, openWorld } from '../support/harness.ts';

const { call, got } = await openWorld();

it('shows the public part of every key, and nothing of a private one, to anybody', async () => {
  const { status, headers, body } = await call(jwks, { as: 'nobody' });
  expect(status).toBe(200);
  expect(body).toEqual({
    keys: licenseKeys.map(({ x, kid }) => ({ kty: 'OKP', crv: 'Ed25519', x, kid, alg: 'EdDSA', use: 'sig' })),
  });
  for (const { d } of licenseKeys) expect(JSON.stringify(body)).not.toContain(d);
  expect(headers).toMatchObject({
    'content-type': 'application/jwk-set+json',
    'cache-control': 'public, max-age=3600',
  });
});
it('is the same for all', async () => {
  expect(await got(200, jwks, { as: 'vendor' })).toEqual(await got(200, jwks, { as: 'nobody' }));
});
