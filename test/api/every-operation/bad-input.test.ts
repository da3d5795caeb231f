import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../shared/contracts/operation.ts';
import { operations } from '../../../shared/contracts/operations.ts';
import { explored } from '../../depth.ts';
import { type Answer, eventOf, openWorld, send, terms } from '../support/harness.ts';

const { organizationId, contextOf, subscribe } = await openWorld();
const { path: pool } = await subscribe({ quota: 1000 });

const oddities = [
  '',
  ' ',
  '\0',
  'a\0b',
  '%00',
  '%2e%2e%2f',
  '..',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'toString',
  '#',
  'a#b',
  '~',
  "' OR 1=1 --",
  '{{7*7}}',
  '\ud800',
  'e\u0301',
  '👩‍👩‍👧',
  '\u202egnp.exe',
  '\r\nX-Injected: 1',
  'null',
  'undefined',
  'NaN',
  '1e400',
  '-0',
  '9007199254740993',
  'x'.repeat(3000),
];
const text = fc.oneof(fc.constantFrom(...oddities), fc.string({ unit: 'binary', maxLength: 40 }), fc.string());
/** Values that some field takes, at its bounds. */
const bounds = fc.constantFrom<unknown>(
  ...[0, 1, 5, 86_400, 100_000, Number.MAX_SAFE_INTEGER, true, false, null, '.', '..', 'a'.repeat(100), '_'.repeat(64)],
  ...['floating', 'per-user', 'suspended', 'full', 'activate', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999999Z'],
);
const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);
const json = fc.oneof(fc.jsonValue(), text, fc.constantFrom<unknown>(null, 0, -1, 1.5, 1e308, true, [], {}, [[]]));

const validPath: Record<string, string> = {
  ...pool,
  organizationId,
  sessionId: 'a',
  keyId: 'a',
  userId: 'a',
  invitationId: 'a',
  recoveryId: 'rec_a',
  token: 'a',
  licenseId: 'off_a',
  machineId: 'm',
  webhookId: 'whk_a',
  deliveryId: 'dlv_a',
};
const validBody: Record<string, object> = {
  activate: { machineId: 'm', sessionId: 'a', hostname: 'h', waitSeconds: 0, dryRun: true },
  heartbeat: { seat: 1, fence: 1, idleSeconds: 0 },
  setLimits: { webhooks: 5 },
  voidOfflineLicense: { reason: 'r' },
  issueOfflineLicense: { machineId: 'm', expiresAt: null, description: 'd', userId: null },
  setSubscription: terms({ quota: 1000, offline: { allowed: true, maxDays: 1, reserveOnline: 0 } }),
  setAlerts: { usePercent: 90, useMinutes: 5, waitMinutes: null },
  setProduct: { name: 'A', licenseType: 'floating', terms: { quota: 1, months: 1, trialDays: 1, leaseSeconds: 60 } },
  createOrganization: { name: 'A', ownerEmail: 'a@example.com' },
  grantLicenses: { emails: ['a@example.com'] },
  transferLicense: { toUserId: 'usr_b' },
  transferActivation: { machineId: 'm' },
  createApiKey: { name: 'A', scope: 'full', expiresAt: null, maxSessions: 1, userId: 'usr_a' },
  changeApiKey: { name: 'A', maxSessions: 1 },
  setMember: { role: 'user' },
  startRecovery: { userId: 'usr_a' },
  invite: { emails: ['a@example.com'], role: 'user', expiresInHours: 1 },
  createWebhook: { url: 'https://hooks.example.com/', events: ['*'] },
  confirmWebhook: { challenge: 'c' },
  rotateWebhookSecret: { overlapHours: 1 },
};

/** The parameters of the operation's path, each valid or odd; now and then one too many or none. */
const pathOf = (operation: Operation) => {
  const names = [...operation.path.matchAll(/{(\w+)}/g)].map(([, name]) => name as string);
  const each = Object.fromEntries(
    names.map((name) => [name, fc.oneof({ weight: 19, arbitrary: fc.constant(validPath[name] ?? '') }, text)]),
  );
  return fc.oneof(
    { weight: 9, arbitrary: fc.record<Record<string, string>>(each) },
    { weight: 1, arbitrary: fc.dictionary(text, text, { maxKeys: 3 }) },
  );
};
const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.oneof(fc.constantFrom('limit', 'cursor', 'dryRun'), text), text, { maxKeys: 3 }),
  },
);
const headers = fc.dictionary(fc.oneof(fc.constantFrom('idempotency-key', 'accept', 'cookie'), text), text, {
  maxKeys: 3,
});

/** A body that is valid but for some fields, is no JSON, or breaks parsers. */
const bodyOf = (operation: Operation) =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .dictionary(fc.oneof(fc.constantFrom(...Object.keys(validBody[operation.name] ?? { a: 1 })), text), json, {
          maxKeys: 3,
        })
        .map((junk) => JSON.stringify({ ...validBody[operation.name], ...junk })),
    },
    {
      weight: 10,
      arbitrary: fc
        .dictionary(fc.constantFrom(...Object.keys(validBody[operation.name] ?? { a: 1 })), bounds, { maxKeys: 2 })
        .map((edge) => JSON.stringify({ ...validBody[operation.name], ...edge })),
    },
    { weight: 2, arbitrary: json.map((value) => JSON.stringify(value)) },
    { weight: 2, arbitrary: text },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        nested(20_000, '[', ']'),
        nested(8000, '{"a":', '}'),
        '{"__proto__":{"machineId":"m"},"machineId":"m"}',
        '{"constructor":{"prototype":{"polluted":true}}}',
        '{"machineId":"m","machineId":"n"}',
        '{"machineId":"\\ud800"}',
        '{"machineId":"m"',
        '\ufeff{"machineId":"m"}',
        `{"name":"${'x'.repeat(60_000)}"}`,
        `{${Array.from({ length: 5000 }, (_, i) => `"k${i}":1`).join()}}`,
      ),
    },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
const contentType = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom('application/json', 'application/json; charset=utf-8', 'application/vnd.api+json'),
  },
  { weight: 1, arbitrary: fc.oneof(fc.constantFrom('text/plain', 'multipart/form-data', 'application/xml'), text) },
);

const isRefusedWell = ({ status, body, headers: answered }: Answer) => {
  expect(status, JSON.stringify(body)).toBeLessThan(500);
  for (const value of Object.values(answered)) expect(value).not.toMatch(/[\r\n]/);
  if (status !== 400) return;
  expect(body.errors).not.toHaveLength(0);
  for (const { pointer, detail } of body.errors) {
    expect(pointer).toMatch(/^\/(path|query|headers|body)(\/|$)/);
    expect(detail).not.toBe('');
    // A person reads it: which characters may be there, not by which expression that was found out.
    expect(detail).not.toContain('must match pattern');
  }
};

describe('for every input the answer is one of the contract, and never a 5xx', () => {
  it.each(operations.map((operation) => [operation.name, operation] as const))('%s', async (_, operation) => {
    const statuses: number[] = [];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('owner', 'user', 'vendor', 'nobody' as const),
        fc.record({ path: pathOf(operation), query, headers, body: bodyOf(operation) }),
        contentType,
        fc.boolean(),
        async (as, request, type, base64) => {
          const event = eventOf(
            operation,
            {
              ...request,
              headers: { ...request.headers, ...(request.body !== undefined && { 'content-type': type }) },
            },
            await contextOf(as),
          );
          if (base64 && event.body !== undefined)
            Object.assign(event, { body: Buffer.from(event.body).toString('base64'), isBase64Encoded: true });
          const answer = await send(operation, event);
          statuses.push(answer.status);
          isRefusedWell(answer);
        },
      ),
      { ...explored(70), endOnFailure: false },
    );
    // Early refusals test little: some input must be valid enough to reach further checks.
    expect(statuses.filter((status) => ![400, 401, 413, 415].includes(status))).not.toHaveLength(0);
  });
  it('no input changes the prototype of all objects', () => {
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(({} as Record<string, unknown>).machineId).toBeUndefined();
  });
});

const withBody = operations.filter(({ input }) => input.body).map((operation) => [operation.name, operation] as const);
const sendBody = async (operation: Operation, body: string, change: object = {}, type = 'application/json') => {
  const path = Object.fromEntries(Object.entries(validPath).filter(([name]) => operation.path.includes(`{${name}}`)));
  const as = ['setSubscription', 'createOrganization'].includes(operation.name) ? 'vendor' : 'owner';
  const event = eventOf(operation, { path, body, headers: { 'content-type': type } }, await contextOf(as));
  return send(operation, Object.assign(event, change));
};

describe.each(withBody)('%s', (name, operation) => {
  const padded = (bytes: number) => {
    const body = JSON.stringify({ pad: '' });
    return body.replace('""', `"${'x'.repeat(bytes - body.length)}"`);
  };
  it('a body of 64 KB is read, one byte more is 413', async () => {
    expect((await sendBody(operation, padded(65_536))).status).toBe(400);
    expect((await sendBody(operation, padded(65_537))).body).toMatchObject({ code: 'payload-too-large' });
    const wide = JSON.stringify({ pad: 'ü'.repeat(33_000) });
    expect((await sendBody(operation, wide)).status).toBe(413);
  });
  it('a base64 body is measured and read as what it stands for', async () => {
    const encoded = (body: string) =>
      sendBody(operation, Buffer.from(body).toString('base64'), { isBase64Encoded: true });
    expect((await encoded(padded(65_536))).status).toBe(400);
    expect((await encoded(padded(65_537))).status).toBe(413);
    const { status, body } = await encoded(JSON.stringify(validBody[name]));
    // Whatever the subscription allows just now: there is nothing wrong with the body.
    expect([200, 201, 400, 403, 404, 409, 410], JSON.stringify(body)).toContain(status);
    if (status === 400) expect(JSON.stringify(body.errors)).not.toContain('"/body');
  });
  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', '', 'application/json2'])(
    'content type %j is 415',
    async (type) => {
      const { status, body } = await sendBody(operation, JSON.stringify(validBody[name]), {}, type);
      expect({ status, code: body.code }).toEqual({ status: 415, code: 'unsupported-media-type' });
    },
  );
  it('no content type is 415, no body 400', async () => {
    expect((await sendBody(operation, '{}', { headers: {} })).status).toBe(415);
    expect(await sendBody(operation, '', { body: undefined })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/body' }] },
    });
  });
  it('413 and 415 come before other errors, for a caller with a valid credential', async () => {
    const context = await contextOf('user');
    const wrong = { path: { organizationId: '#' }, body: padded(65_537) };
    expect((await send(operation, eventOf(operation, wrong, context))).status).toBe(413);
    const other = { ...wrong, body: 'x', headers: { 'content-type': 'x' } };
    expect((await send(operation, eventOf(operation, other, context))).status).toBe(415);
  });
  it('a body without a valid credential is a 401: too large, no JSON, wrong or odd', async () => {
    const marked = { body: JSON.stringify({ 'echo-me': 'echo-me' }) };
    const requests: Parameters<typeof eventOf>[1][] = [
      { body: padded(65_537) },
      { body: `{"echo-me": ${padded(60_000)}` },
      { ...marked, headers: { 'content-type': 'text/plain' } },
      { ...marked, path: { organizationId: 'echo-me#' }, query: { 'echo-me': '1' } },
    ];
    for (const request of requests) {
      const answer = await send(operation, eventOf(operation, request));
      expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
      expect(JSON.stringify(answer)).not.toContain('echo-me');
      expect(JSON.stringify(answer).length).toBeLessThan(2000);
    }
  });
});

/** Returns an operation's answer to its valid request with these changes. */
const ask = async (name: string, { path = {}, query, body }: { path?: object; query?: object; body?: object }) => {
  const operation = operations.find((one) => one.name === name) as Operation;
  const names = [...operation.path.matchAll(/{(\w+)}/g)].map(([, parameter]) => parameter as string);
  const request = {
    path: { ...Object.fromEntries(names.map((parameter) => [parameter, validPath[parameter] as string])), ...path },
    ...(query && { query: query as Record<string, string> }),
    ...(operation.input.body && { body: { ...validBody[name], ...body } }),
  };
  const as = ['setSubscription', 'createOrganization', 'voidOfflineLicense'].includes(name) ? 'vendor' : 'owner';
  return send(operation, eventOf(operation, request, await contextOf(as)));
};
const pointers = ({ body }: Answer) => body.errors?.map(({ pointer }: { pointer: string }) => pointer);

describe('the IDs . and ..', () => {
  it.each([
    ['activate', 'machineId'],
    ['activate', 'sessionId'],
    ['issueOfflineLicense', 'machineId'],
    ['transferActivation', 'machineId'],
  ])('%s takes none as its %s, since no URL can name it', async (name, field) => {
    for (const id of ['.', '..']) {
      const answer = await ask(name, { body: { [field]: id } });
      expect({ status: answer.status, pointers: pointers(answer) }).toEqual({
        status: 400,
        pointers: [`/body/${field}`],
      });
    }
    for (const id of ['...', '.a', 'a.', '..-'])
      expect(pointers(await ask(name, { body: { [field]: id, dryRun: true } })) ?? []).not.toContain(`/body/${field}`);
  });
  it('an existing one can still be named in a path', async () => {
    for (const id of ['.', '..']) {
      expect((await ask('getActivation', { path: { sessionId: id } })).status).toBe(404);
      expect((await ask('removeMachine', { path: { machineId: id } })).status).toBe(404);
    }
  });
});

describe('a time', () => {
  const tooEarly = ['0000-01-01', '0001-01-01', '1969-12-31'];
  const others = ['1970-01-01', '1970-01-02', '2016-12-31', '2027-02-28', '9998-12-31', '9999-12-31'];
  const none = [
    '2027-02-30',
    '2027-13-01',
    '2016-12-31T23:59:60Z',
    '+010000-01-01',
    '-000001-01-01',
    '10000-01-01',
    '2027',
    'T00:00Z',
  ];
  const instants = (days: string[]) => days.flatMap((date) => [`${date}T00:00:00Z`, `${date}T23:59:59.999999Z`]);

  it.each(['getUsage', 'listSessions', 'listAuditEvents'])('%s: no value gives a 500', async (name) => {
    const days = name === 'listAuditEvents' ? instants : (dates: string[]) => [...dates, ...instants(dates)];
    for (const field of ['from', 'to']) {
      for (const time of [...days(tooEarly), ...none]) {
        const answer = await ask(name, { query: { [field]: time } });
        expect({ time, status: answer.status, pointers: pointers(answer) }).toEqual({
          time,
          status: 400,
          pointers: [`/query/${field}`],
        });
      }
      for (const time of days(others)) {
        const { status } = await ask(name, { query: { [field]: time } });
        expect({ time, status }).toEqual({ time, status: expect.toSatisfy((is: number) => is < 500) });
      }
    }
    for (const from of days(others))
      for (const to of instants(others)) expect((await ask(name, { query: { from, to } })).status).toBeLessThan(500);
  });
  it.each(['setSubscription', 'createApiKey', 'issueOfflineLicense'])(
    '%s: a year that cannot be is 400',
    async (name) => {
      for (const expiresAt of [...instants(tooEarly), ...none]) {
        const answer = await ask(name, { body: { expiresAt } });
        expect({ expiresAt, status: answer.status, pointers: pointers(answer) }).toEqual({
          expiresAt,
          status: 400,
          pointers: ['/body/expiresAt'],
        });
      }
      for (const expiresAt of instants(others))
        expect((await ask(name, { body: { expiresAt } })).status).toBeLessThan(500);
      await ask('setSubscription', {});
    },
  );
});

describe('a text', () => {
  it.each([
    ['activate', 'hostname', {}],
    ['createApiKey', 'name', { userId: undefined }],
    ['createOrganization', 'name', {}],
    ['setSubscription', 'productName', {}],
    ['issueOfflineLicense', 'description', {}],
    ['voidOfflineLicense', 'reason', {}],
    ['createWebhook', 'url', {}],
  ])('%s: %s has no control characters and no half characters', async (name, field, rest) => {
    for (const odd of ['\ud800', '\udc00', '\udfff\ud800', '\0', '\x1b[2J', '\x7f', '\x85', '\n', '\r\n']) {
      const answer = await ask(name, { body: { ...rest, [field]: `https://a.example/${odd}b` } });
      expect({ odd, status: answer.status, pointers: pointers(answer) }).toEqual({
        odd,
        status: 400,
        pointers: [`/body/${field}`],
      });
    }
    const good = await ask(name, { body: { ...rest, [field]: 'https://a.example/👩‍👧ä日\u202e' } });
    expect(pointers(good) ?? []).not.toContain(`/body/${field}`);
  });
  it('of a filter, too', async () => {
    for (const odd of ['\ud800', 'a\x1bb'])
      expect(pointers(await ask('listAuditEvents', { query: { actor: odd } }))).toEqual(['/query/actor']);
  });
});

describe('order of answers', () => {
  it.each(
    operations.filter(({ access }) => access.to !== 'anyone').map((operation) => [operation.name, operation] as const),
  )('%s: 401 comes before 400', async (name, operation) => {
    const request = { path: {}, query: { odd: '1' }, body: validBody[name] };
    expect((await send(operation, eventOf(operation, request))).status).toBe(401);
    expect((await send(operation, eventOf(operation, request, await contextOf('user')))).status).toBe(400);
  });
});
