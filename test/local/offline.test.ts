import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { expect, it } from 'vitest';
import { onDatabase } from '../console/stack.ts';
import { createDatabase } from '../table/support/database.ts';
import { type Credentials, makeDataDir, runStack } from './stack-process.ts';

const licensesOf = ({ baseUrl, organizationId, tokens }: Credentials) => {
  const url = `${baseUrl}/v1/organizations/${organizationId}/subscriptions/KRE/offline-licenses`;
  const headers = { authorization: `Bearer ${tokens.owner}`, 'content-type': 'application/json' };
  return {
    issue: async (machineId: string) => {
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ machineId }) });
      expect(response.status).toBe(201);
      return (await response.json()) as { id: string; fileName: string };
    },
    download: (id: string) => fetch(`${url}/${id}/file`, { headers }),
  };
};
const keysOf = async ({ baseUrl }: Credentials) =>
  (await (await fetch(`${baseUrl}/.well-known/jwks.json`)).json()) as JSONWebKeySet;

it('an offline license is issued, downloaded, and verified with the public keys, also after a restart with a new key', async () => {
  const environment = { LEASEHOLD_DATA_DIR: makeDataDir(), ...onDatabase(await createDatabase({ stream: true })) };
  const first = runStack(environment);
  const before = await first.ready;
  const { id, fileName } = await licensesOf(before).issue('00:1A:2B');
  expect(fileName).toBe('KRE_00%3A1A%3A2B.lic');
  const response = await licensesOf(before).download(id);
  expect(response.headers.get('content-type')).toBe('application/jose');
  expect(response.headers.get('content-disposition')).toBe(
    `attachment; filename="${fileName}"; filename*=UTF-8''KRE_00%253A1A%253A2B.lic`,
  );
  const file = await response.text();
  await jwtVerify(file, createLocalJWKSet(await keysOf(before)), { subject: '00:1A:2B' });
  first.child.kill('SIGTERM');
  await first.exit;

  const after = await runStack({ ...environment, SIGNING_KEYS: '2' }).ready;
  expect(await (await licensesOf(after).download(id)).text()).toBe(file);
  const keys = await keysOf(after);
  await jwtVerify(file, createLocalJWKSet(keys), { subject: '00:1A:2B' });
  const next = await licensesOf(after).issue('press-3');
  const signedAnew = await (await licensesOf(after).download(next.id)).text();
  await jwtVerify(signedAnew, createLocalJWKSet(keys), { subject: 'press-3' });
  expect(decodeProtectedHeader(signedAnew).kid).not.toBe(decodeProtectedHeader(file).kid);
});
