import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { activate } from '../../../shared/contracts/activate.ts';
import { createApiKey } from '../../../shared/contracts/create-api-key.ts';
import { createOrganization } from '../../../shared/contracts/create-organization.ts';
import { deactivate } from '../../../shared/contracts/deactivate.ts';
import { getActivation } from '../../../shared/contracts/get-activation.ts';
import { health } from '../../../shared/contracts/health.ts';
import { heartbeat } from '../../../shared/contracts/heartbeat.ts';
import { listActivations } from '../../../shared/contracts/list-activations.ts';
import { listApiKeys } from '../../../shared/contracts/list-api-keys.ts';
import { listMembers } from '../../../shared/contracts/list-members.ts';
import { setSubscription } from '../../../shared/contracts/set-subscription.ts';
import { type Call, eventOf, mint, openWorld, principalOf, seconds, send, stamp, terms } from '../support/harness.ts';

const { call, got, subscribe, credential, organizationId } = await openWorld();
await subscribe({ quota: 1 });
const attempts: [Parameters<typeof call>[0], Call][] = [
  [health, { as: 'nobody' }],
  [activate, { as: 'user', body: { machineId: 'm', sessionId: 'a' } }],
  [activate, { as: 'user', body: { machineId: 'm', dryRun: true } }],
  [heartbeat, { as: 'user', path: { sessionId: 'a' }, body: { seat: 1, fence: 1 } }],
  [deactivate, { as: 'user', path: { sessionId: 'a' } }],
  [getActivation, { as: 'user', path: { sessionId: 'a' } }],
  [listActivations, { as: 'owner' }],
  [setSubscription, { as: 'vendor', body: terms() }],
  [createOrganization, { as: 'vendor', body: { name: 'A', ownerEmail: 'a@example.com' } }],
  [createApiKey, { as: 'user', body: { name: 'CI' }, headers: { 'idempotency-key': stamp() } }],
  [listApiKeys, { as: 'user', query: { cursor: '1.a.b' } }],
  [listMembers, { as: 'owner' }],
];
// Authorized before the table fails, as in the gateway's cache.
for (const as of ['vendor', 'owner', 'user'] as const) await call(health, { as });

let written = '';
/** Loads the functions again with another environment, and keeps their output. */
const loadWith = (environment: Record<string, string>) => {
  vi.resetModules();
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
};
beforeEach(() => {
  written = '';
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      written += chunk;
      return true;
    });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  vi.resetModules();
});

describe('429', () => {
  it.each([
    ['is throttled', 'ProvisionedThroughputExceededException'],
    ['another Region writes', 'ReplicatedWriteConflictException'],
  ])('from a table that %s, also after retries, with the time of the next try', async (_, type) => {
    const full = createServer((__, response) => {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb#${type}` }));
    }).listen(0, '127.0.0.1');
    await once(full, 'listening');
    loadWith({ DYNAMODB_ENDPOINT: `http://127.0.0.1:${(full.address() as AddressInfo).port}` });
    const { status, body, headers } = await call(listMembers, { as: 'owner' });
    full.close();
    expect(body).toMatchObject({ code: 'too-many-requests', retryAfterSeconds: 5 });
    expect([status, headers['retry-after']]).toEqual([429, '5']);
  });
});

describe('500', () => {
  it.each([
    ['a table that is not there', { TABLE_NAME: 'NoSuchTable' }, 'ResourceNotFoundException'],
    ['a database that does not answer', { DYNAMODB_ENDPOINT: 'http://127.0.0.1:9' }, 'ECONNREFUSED'],
    ['an environment that is not complete', { TABLE_NAME: '' }, 'TABLE_NAME'],
  ])('%s: the answer tells its request id, and nothing of the inside', async (_, environment, inside) => {
    loadWith({ ...environment, POWERTOOLS_LOG_LEVEL: 'INFO' });
    const answers = [];
    // One after the other, as Lambda does it: the log's keys are those of the request that runs.
    for (const [operation, options] of attempts) answers.push(await call(operation, options));
    for (const { status, body, headers } of answers) {
      expect({ status, code: body.code }).toEqual({ status: 500, code: 'internal' });
      expect(Object.keys(body).sort()).toEqual(['code', 'detail', 'requestId', 'status', 'title', 'type']);
      const told = JSON.stringify({ body, headers });
      for (const part of [inside, 'NoSuchTable', '127.0.0.1', 'Exception', 'stack', '.ts:', 'dynamo', 'node_modules'])
        expect(told.toLowerCase()).not.toContain(part.toLowerCase());
      expect(body.detail).toBe(answers[0]?.body.detail);
    }
    // The log tells what happened, under the same request id.
    expect(written).toContain('Unexpected error');
    expect(written).toContain(inside);
    for (const { body } of answers) expect(written).toContain(body.requestId);
  });
  it('an authorizer that can’t reach the table fails, instead of answering “nobody”', async () => {
    loadWith({ TABLE_NAME: 'NoSuchTable' });
    await expect(principalOf(credential('owner'))).rejects.toThrow();
    await expect(principalOf(credential('apiKey'))).rejects.toThrow();
  });
  it('an issuer whose keys can’t be fetched fails the authorizer: no valid token is cached as invalid', async () => {
    loadWith({ OIDC_JWKS: '', OIDC_JWKS_URI: 'https://127.0.0.1:9/jwks' });
    vi.stubEnv('OIDC_JWKS', undefined);
    await expect(principalOf(credential('owner'))).rejects.toThrow();
  });
  it('an authorizer behind a firewall lets in what came through it alone, and names no caller of an open route', async () => {
    const secret = 'a-secret-of-the-distribution';
    loadWith({ ORIGIN_SECRETS: secret });
    const { handler } = await import('../../../functions/authorizer.ts');
    const ask = (headers: object, identitySource = [`Bearer ${credential('owner')}`, secret]) =>
      handler({ headers, identitySource, requestContext: { requestId: 'guard' } } as never);
    const authorization = `Bearer ${credential('owner')}`;
    for (const headers of [{ authorization }, { authorization, 'x-leasehold-origin': 'guessed' }])
      expect(await ask(headers)).toEqual({ isAuthorized: false });
    const through = { authorization, 'x-leasehold-origin': secret };
    const known = { isAuthorized: true, context: { principal: expect.any(String) } };
    expect(await ask(through)).toMatchObject(known);
    expect(await ask(through, [secret])).toEqual({ isAuthorized: true });
    // While a deployment adds the firewall, the routes ask by the credential alone.
    expect(await ask(through, [authorization])).toMatchObject(known);
  });
  it('an authorizer behind a firewall lets in what came with the former secret, until that is removed', async () => {
    const [former, next] = ['the-former-secret-of-it', 'the-next-secret-of-it'];
    const authorization = `Bearer ${credential('owner')}`;
    const admits = async (secrets: string | undefined) => {
      vi.resetModules();
      vi.stubEnv('ORIGIN_SECRETS', secrets);
      const { handler } = await import('../../../functions/authorizer.ts');
      const admitted = [];
      for (const secret of [former, next, `${former},${next}`])
        for (const identitySource of [[authorization, secret], [secret]]) {
          const headers = { authorization, 'x-leasehold-origin': secret };
          const answer = await handler({ headers, identitySource, requestContext: { requestId: 'guard' } } as never);
          admitted.push(answer.isAuthorized ? Object.keys(answer).length : 0);
        }
      return admitted;
    };
    // With a principal 2, as a guard 1, not at all 0.
    expect(await admits(former)).toEqual([2, 1, 0, 0, 0, 0]);
    expect(await admits(`${former},${next}`)).toEqual([2, 1, 2, 1, 0, 0]);
    expect(await admits(`${next},${former}`)).toEqual([2, 1, 2, 1, 0, 0]);
    expect(await admits(next)).toEqual([0, 0, 2, 1, 0, 0]);
    await expect(admits('')).rejects.toThrow('ORIGIN_SECRETS');
    // While a deployment removes the firewall, the routes still ask by the header.
    expect(await admits(undefined)).toEqual([2, 2, 2, 2, 2, 2]);
  });
  it('behind a firewall, callers without a credential are counted by their own addresses, not by the distribution’s', async () => {
    const from = (forwarded: string) => {
      const event = eventOf(listMembers, { path: { organizationId } });
      const { http } = event.requestContext;
      return {
        ...event,
        headers: { ...event.headers, 'x-forwarded-for': `${forwarded}, 203.0.113.7` },
        requestContext: { ...event.requestContext, http: { ...http, sourceIp: '203.0.113.7' } },
      };
    };
    loadWith({ BEHIND_DISTRIBUTION: 'true' });
    /** Asks so often, or until an answer says that this is too often. */
    const statusesOf = async (forwarded: string, times: number) => {
      const answers = new Set<number>();
      for (let time = 0; time < times && !answers.has(429); time++)
        answers.add((await send(listMembers, from(forwarded))).status);
      return answers;
    };
    // No time passes, so that a slow machine asks no slower.
    vi.useFakeTimers({ toFake: ['Date'] });
    // The addresses that a caller puts there itself come first.
    expect(await statusesOf('192.0.2.9, 192.0.2.1', 1000)).toContain(429);
    expect(await statusesOf('192.0.2.1, 192.0.2.2', 1)).toEqual(new Set([401]));
    loadWith({ BEHIND_DISTRIBUTION: 'false' });
    expect(await statusesOf('192.0.2.1', 1000)).toContain(429);
    expect(await statusesOf('192.0.2.2', 1)).toEqual(new Set([429]));
  });
  it.each(['', '{', '{}', '[]', '"owner"', '{"type":"owner"}', '{"type":"user","vendor":"true","memberships":{}}'])(
    'a principal of %j opens nothing',
    async (principal) => {
      const event = eventOf(listMembers, { path: { organizationId } }, { principal });
      const { status } = await send(listMembers, event);
      expect([401, 500]).toContain(status);
    },
  );
});

describe('401', () => {
  const person = { sub: 'sub-of-owner', email: 'owner@acme.example', email_verified: true };
  const day = 86_400;

  it.each([
    ['that says no end', { exp: undefined }],
    ['that ends in more than a day', { exp: seconds(day + 900) }],
    ['that ends in a thousand years', { exp: seconds(1000 * 365 * day) }],
    ['that has ended', { exp: seconds(-900) }],
    ['whose end is no number', { exp: '9999999999' }],
    ['that was issued later than now', { iat: seconds(900) }],
    ['that was issued at no time', { iat: -1 }],
    ['that is good later than now', { nbf: seconds(900) }],
  ])('a token %s is nobody’s', async (_, claims) => {
    loadWith({ OIDC_MAX_TOKEN_SECONDS: '' });
    vi.stubEnv('OIDC_MAX_TOKEN_SECONDS', undefined);
    const bearer = await mint({ ...person, exp: seconds(3600), ...claims });
    expect(await principalOf(bearer)).toEqual({ type: 'nobody' });
    expect((await call(listMembers, { as: { bearer } })).status).toBe(401);
  });
  it('a token of a day is good, by a clock that is a little late, and one of two where that is set', async () => {
    loadWith({ OIDC_MAX_TOKEN_SECONDS: '' });
    vi.stubEnv('OIDC_MAX_TOKEN_SECONDS', undefined);
    const late = { ...person, iat: seconds(60), exp: seconds(day + 60) };
    expect(await principalOf(await mint(late))).toMatchObject({ type: 'user' });
    loadWith({ OIDC_MAX_TOKEN_SECONDS: String(2 * day) });
    expect(await principalOf(await mint({ ...person, exp: seconds(2 * day) }))).toMatchObject({ type: 'user' });
  });
});

describe('the log', () => {
  it('has one line per request, with its id, operation, organization and status', async () => {
    loadWith({ POWERTOOLS_LOG_LEVEL: 'INFO' });
    const { status, body } = await call(listMembers, { as: 'stranger' });
    const lines = written
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
    expect(lines.filter(({ requestId }) => requestId === body.requestId)).toEqual([
      expect.objectContaining({ level: 'INFO', operation: 'listMembers', organizationId, status }),
    ]);
  });
  it('names the caller: the ID of the key, or the subject of the sign-in, in the line of the request', async () => {
    loadWith({ POWERTOOLS_LOG_LEVEL: 'INFO' });
    const bearers = { key: credential('apiKey'), person: credential('owner') };
    for (const bearer of Object.values(bearers)) await call(listMembers, { as: { bearer } });
    await call(listMembers, { as: 'nobody' });
    const callers = (message: string) =>
      written
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line))
        .filter((line) => line.message === message)
        .map(({ caller }) => caller);
    const known = [
      expect.objectContaining({ type: 'api-key', keyId: bearers.key.split('_')[1] }),
      expect.objectContaining({ type: 'user', subject: 'sub-of-owner' }),
    ];
    expect(callers('request')).toEqual([...known, { type: 'nobody' }]);
  });
  it('never contains a bearer token, an API key or a part of its secret, or the input', async () => {
    loadWith({ POWERTOOLS_LOG_LEVEL: 'DEBUG' });
    const idempotencyKey = stamp();
    const headers = { 'idempotency-key': idempotencyKey };
    const { key } = await got(201, createApiKey, { as: 'user', body: { name: 'CI', scope: 'full' }, headers });
    const token = await mint({ sub: stamp(), email: 'someone@secret.example', email_verified: true });
    const wrong = `${key.slice(0, -4)}0000`;
    for (const bearer of [key, wrong, token, `${token}x`, credential('owner'), credential('apiKey')]) {
      await call(listMembers, { as: { bearer }, headers: { authorization: `Bearer ${bearer}` } });
      await call(activate, {
        as: { bearer },
        headers: { authorization: `Bearer ${bearer}` },
        body: { machineId: 'secret-machine', hostname: 'secret-host', odd: 'secret-odd' },
      });
    }
    loadWith({ POWERTOOLS_LOG_LEVEL: 'DEBUG', TABLE_NAME: 'NoSuchTable' });
    const authorization = `Bearer ${credential('owner')}`;
    for (const [operation, options] of attempts)
      await call(operation, { ...options, headers: { ...options.headers, authorization } });
    await principalOf(key).catch(() => {});

    expect(written).toContain('no valid credential');
    expect(written).toContain('Unexpected error');
    const secrets = [key, wrong, token, credential('owner'), credential('apiKey')].map((bearer) => {
      const [, , secret] = bearer.split(bearer.startsWith('lh_') ? '_' : '.');
      return (secret as string).slice(0, 20);
    });
    for (const secret of [...secrets, idempotencyKey, 'Bearer ', 'secret-machine', 'secret-host', 'someone@secret'])
      expect(written).not.toContain(secret);
  });
});
