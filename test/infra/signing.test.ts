import { execFile } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundle } from '../../infra/bundle.ts';

// The bundles of the functions as they run on AWS, and a KMS that answers like the real one. Its requests are those that AWS
// documents for ECC_NIST_EDWARDS25519.
const root = mkdtempSync(join(tmpdir(), 'leasehold-signing-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const arnOf = (id: string) => `arn:aws:kms:eu-central-1:000000000000:key/${id}`;
const keys = new Map(['new', 'old'].map((id) => [arnOf(id), generateKeyPairSync('ed25519')]));
const asked: { target: string; body: any }[] = [];

const kms = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = JSON.parse(Buffer.concat(chunks).toString());
  const target = String(request.headers['x-amz-target']);
  asked.push({ target, body });
  const { publicKey, privateKey } = keys.get(body.KeyId)!;
  const answer =
    target === 'TrentService.Sign'
      ? { Signature: sign(null, Buffer.from(body.Message, 'base64'), privateKey).toString('base64') }
      : { PublicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64') };
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
});
beforeAll(() => new Promise<void>((resolve) => kms.listen(0, resolve)));
afterAll(() => kms.close());

/** Runs a script beside the bundles, with the functions' environment on AWS. */
const onLambda = async (script: string) => {
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', `${script}; process.exit();`], {
    cwd: root,
    env: {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'KEYOFLAMBDA',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL_KMS: `http://localhost:${(kms.address() as AddressInfo).port}`,
      SIGNING_KMS_KEYS: [...keys.keys()].join(','),
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
    },
  });
  return JSON.parse((await run).stdout);
};

it('KMS signs a license with the first key, and the key set, which is read once, verifies it', async () => {
  await bundle({ files: ['jwks'], to: join(root, 'functions') });
  await bundle({
    from: join(import.meta.dirname, '../../shared/signing'),
    files: ['jws', 'keys'],
    to: join(root, 'signing'),
  });
  const { jws, sets } = await onLambda(`
    const { signCompact } = await import(process.cwd() + '/signing/jws/index.mjs');
    const { licenseSigner } = await import(process.cwd() + '/signing/keys/index.mjs');
    const { handler } = await import(process.cwd() + '/functions/jwks/index.mjs');
    const event = { version: '2.0', headers: {}, requestContext: { requestId: 'r', http: { method: 'GET' } } };
    const jws = await signCompact(licenseSigner(), 'test+jwt', { sub: 'press-3' });
    const sets = [];
    for (let times = 0; times < 3; times++) sets.push((await handler(event, { awsRequestId: 'r' })).body);
    console.log(JSON.stringify({ jws, sets }))`);

  const [set] = sets.map((text: string) => JSON.parse(text));
  expect(new Set(sets).size).toBe(1);
  expect(set.keys.map(({ kid }: { kid: string }) => kid)).toEqual(['new', 'old']);
  const { payload, protectedHeader } = await jwtVerify(jws, createLocalJWKSet(set), { typ: 'test+jwt' });
  expect(payload).toEqual({ sub: 'press-3' });
  expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'test+jwt', kid: 'new' });
  expect(asked.filter(({ target }) => target === 'TrentService.Sign').map(({ body }) => body)).toEqual([
    {
      KeyId: arnOf('new'),
      Message: Buffer.from(jws.slice(0, jws.lastIndexOf('.'))).toString('base64'),
      MessageType: 'RAW',
      SigningAlgorithm: 'ED25519_SHA_512',
    },
  ]);
  expect(asked.filter(({ target }) => target === 'TrentService.GetPublicKey')).toHaveLength(2);
});
