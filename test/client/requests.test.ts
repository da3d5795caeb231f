import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  ConnectionFailed,
  createClient,
  InternalError,
  LicenseQuotaExceeded,
  ProblemError,
  TimedOut,
  Unauthenticated,
  UnexpectedAnswer,
} from '../../client/index.ts';
import { closed, drop, faultyServer, json, type Reaction, refuse, silence } from './faulty-server.ts';

const retries = { baseMs: 5 };
const serverAndClient = async (...reactions: Reaction[]) => {
  const { baseUrl, arrived } = await faultyServer(...reactions);
  return { arrived, client: createClient({ baseUrl, organizationId: 'acme', credential: 'key', retries }) };
};
const ok = json(200, { status: 'ok' });

/** Returns a function that ends the time of the present attempt. So the attempt has as long as it needs until then. */
const timeUp = () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  onTestFinished(() => timers.mockRestore());
  return () => timers.mock.calls.findLast(([, ms]) => ms === 15_000)?.[0]();
};

describe('a credential', () => {
  it.each([
    'http://licenses.example.com',
    'http://10.0.0.7:8787',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
  ])('is not sent to %s, where everybody on the way reads it, unless that is allowed', (baseUrl) => {
    expect(() => createClient({ baseUrl, credential: 'lh_key' })).toThrow(/plain http.*allowHttp/);
    createClient({ baseUrl, credential: 'lh_key', allowHttp: true });
    createClient({ baseUrl });
  });
  it.each(['https://licenses.example.com', 'http://localhost:8787', 'http://127.0.0.1:8787', 'http://[::1]:8787'])(
    'is sent to %s',
    (baseUrl) => {
      createClient({ baseUrl, credential: 'lh_key' });
    },
  );
});

describe('a request', () => {
  it('puts each field of its input where the contract says', async () => {
    const { client, arrived } = await serverAndClient(json(204, undefined), json(200, { userId: 'ada' }));
    await client.removeMachine({ product: 'KRE', machineId: 'a:b@c', blockMinutes: 5 });
    await client.setMember({ organizationId: 'other', userId: 'ada', role: 'admin' });
    expect(arrived[0]).toMatchObject({
      method: 'DELETE',
      url: '/v1/organizations/acme/subscriptions/KRE/machines/a%3Ab%40c?blockMinutes=5',
      headers: { authorization: 'Bearer key' },
      body: '',
    });
    expect(arrived[1]).toMatchObject({
      method: 'PUT',
      url: '/v1/organizations/other/members/ada',
      body: '{"role":"admin"}',
    });
  });

  it.each(['', '.', '..', undefined])('goes nowhere with %j in its path', async (machineId) => {
    const { client, arrived } = await serverAndClient(ok);
    await expect(client.removeMachine({ product: 'KRE', machineId: machineId as string })).rejects.toThrow(TypeError);
    expect(arrived).toEqual([]);
  });

  it('sends no credential to the target of a redirect', async () => {
    const elsewhere = await faultyServer(ok);
    const { client } = await serverAndClient(
      (response) => void response.writeHead(307, { location: elsewhere.baseUrl }).end(),
    );
    await expect(client.health()).rejects.toThrow(UnexpectedAnswer);
    expect(elsewhere.arrived).toEqual([]);
  });

  it('asks for another credential once when one is refused', async () => {
    const { baseUrl, arrived } = await faultyServer(refuse(401, 'unauthenticated'), ok, refuse(401, 'unauthenticated'));
    const asked: unknown[] = [];
    const client = createClient({
      baseUrl,
      credential: ({ rejected }) => {
        asked.push(rejected);
        return rejected ? 'fresh' : 'old';
      },
    });
    await client.health();
    expect(arrived.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer fresh']);
    await expect(client.health()).rejects.toThrow(Unauthenticated);
    expect(asked).toEqual([undefined, 'old', undefined, 'old']);
  });

  it('does not wait for a credential that does not come', async () => {
    const { baseUrl, arrived } = await faultyServer(ok);
    const client = createClient({ baseUrl, timeoutMs: 50, credential: () => new Promise(() => {}) });
    await expect(client.health()).rejects.toThrow(TimedOut);
    const stop = new AbortController();
    const stopped = client.health({}, { signal: stop.signal, timeoutMs: 60_000 });
    stop.abort(new Error('stopped'));
    await expect(stopped).rejects.toThrow('stopped');
    expect(arrived).toEqual([]);
  });
});

describe('a failed request', () => {
  it.each<[string, Reaction]>([
    ['429', refuse(429, 'too-many-requests', { retryAfterSeconds: 0 })],
    ['500', refuse(500, 'internal')],
    ['503 of something between', (response) => void response.writeHead(503).end('<html>')],
    ['a connection that breaks', drop],
    [
      'a body that breaks',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
        response.write('{"status":', () => response.destroy());
      },
    ],
  ])('is sent again after %s', async (_, failure) => {
    const { client, arrived } = await serverAndClient(failure, failure, ok);
    expect(await client.health()).toEqual({ status: 'ok' });
    expect(arrived).toHaveLength(3);
  });

  it('is sent again after a silence longer than an attempt may take, also in the middle of a body', async () => {
    const end = timeUp();
    const begun: Reaction = (response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).write('{');
    const { baseUrl, arrived } = await faultyServer(end, begun, ok);
    const answered: typeof fetch = async (...args) => {
      const response = await fetch(...args);
      if (arrived.length === 2) setImmediate(end);
      return response;
    };
    await createClient({ baseUrl, retries, fetch: answered }).health();
    expect(arrived).toHaveLength(3);
  });

  it('is not sent again before `Retry-After`', async () => {
    const { client } = await serverAndClient(refuse(503, 'internal', {}, { 'retry-after': '1' }), ok);
    const before = performance.now();
    await client.health();
    expect(performance.now() - before).toBeGreaterThanOrEqual(990);
  });

  it('is given up at once when `Retry-After` is later than the retries may last', async () => {
    const { client, arrived } = await serverAndClient(refuse(503, 'internal', {}, { 'retry-after': '3600' }), ok);
    await expect(client.health()).rejects.toThrow(InternalError);
    expect(arrived).toHaveLength(1);
  });

  it('is given up after so many attempts, with the last failure', async () => {
    const { client, arrived } = await serverAndClient(drop);
    await expect(client.health(undefined, { retries: { attempts: 3 } })).rejects.toThrow(ConnectionFailed);
    expect(arrived).toHaveLength(3);
  });

  it('is not sent again when the service refused it', async () => {
    const { client, arrived } = await serverAndClient(refuse(409, 'session-conflict'));
    await expect(client.activate({ product: 'KRE', machineId: 'm' })).rejects.toThrow('It is session-conflict.');
    expect(arrived).toHaveLength(1);
  });
});

describe('a creation whose answer was lost', () => {
  const throttled = refuse(429, 'too-many-requests');
  it.each<[string, Reaction]>([
    ['a connection that breaks', drop],
    ['500', refuse(500, 'internal')],
    ['429', throttled],
    ['silence', silence],
  ])('is not sent again if it would be made twice: %s', async (_, failure) => {
    const end = timeUp();
    const { client, arrived } = await serverAndClient(failure === silence ? end : failure, ok);
    const lost = client.invite({ emails: ['ada@acme.example'], role: 'user' });
    await expect(lost).rejects.toThrow();
    expect(arrived).toHaveLength(1);
  });

  it('is sent again if the gateway refused it, or it never arrived', async () => {
    const { client, arrived } = await serverAndClient(json(429, { message: 'Too Many Requests' }), ok);
    const lostInvitation = client.invite({ emails: ['ada@acme.example'], role: 'user' });
    await expect(lostInvitation).rejects.toThrow(UnexpectedAnswer);
    expect(arrived).toHaveLength(2);

    let attempts = 0;
    const counting: typeof fetch = (...args) => {
      attempts++;
      return fetch(...args);
    };
    const unreachable = createClient({ baseUrl: closed, retries: { baseMs: 5, attempts: 3 }, fetch: counting });
    const lost = unreachable.invite({ organizationId: 'acme', emails: ['ada@acme.example'], role: 'user' });
    await expect(lost).rejects.toThrow(ConnectionFailed);
    expect(attempts).toBe(3);
  });

  it('is sent again with the same idempotency key', async () => {
    const { client, arrived } = await serverAndClient(drop, json(201, { id: 'k' }));
    await client.createApiKey({ name: 'CI' });
    const [first, second] = arrived.map(({ headers }) => headers['idempotency-key']);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(second).toBe(first);
    await client.createApiKey({ name: 'CI', idempotencyKey: 'my own key of 16+' });
    expect(arrived[2]).toMatchObject({ headers: { 'idempotency-key': 'my own key of 16+' }, body: '{"name":"CI"}' });
  });

  it('is sent again with the same session ID, so that no second license is taken', async () => {
    const { client, arrived } = await serverAndClient(drop, json(201, { sessionId: 's' }));
    await client.activate({ product: 'KRE', machineId: 'm' });
    const [first, second] = arrived.map(({ body }) => JSON.parse(body).sessionId);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(second).toBe(first);
  });
});

describe('an aborted call', () => {
  it.each<[string, Reaction]>([
    ['while it waits for an answer', silence],
    ['between two attempts', refuse(503, 'internal', {}, { 'retry-after': '30' })],
    ['in the middle of a body', (response) => void response.writeHead(200).write('{')],
  ])('rejects with the reason %s', async (_, reaction) => {
    const stop = new AbortController();
    const { client, arrived } = await serverAndClient((response, request) => {
      setTimeout(() => stop.abort(new Error('enough')), 100);
      return reaction(response, request);
    });
    const call = client.health(undefined, { signal: stop.signal });
    await expect(call).rejects.toThrow('enough');
    expect(arrived).toHaveLength(1);
  });

  it('sends nothing if it was aborted before', async () => {
    const { client, arrived } = await serverAndClient(ok);
    await expect(client.health(undefined, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
    expect(arrived).toEqual([]);
  });
});

describe('an error', () => {
  it('has a class of its code, its fields with their types, and the request’s ID', async () => {
    const fields = { quota: 3, inUse: 3, nextFreeAt: '2027-01-31T09:30:00.000Z', retryAfterSeconds: 12 };
    const { client } = await serverAndClient(refuse(409, 'license-quota-exceeded', fields));
    const error = await client.activate({ product: 'KRE', machineId: 'm' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LicenseQuotaExceeded);
    expect(error).toMatchObject({
      name: 'LicenseQuotaExceeded',
      code: 'license-quota-exceeded',
      status: 409,
      requestId: 'r-1',
      quota: 3,
      retryAfterSeconds: 12,
      nextFreeAt: new Date('2027-01-31T09:30:00.000Z'),
    });
  });

  it('with an unknown code is a problem, too', async () => {
    const { client } = await serverAndClient(refuse(418, 'a-teapot'));
    const error = await client.health().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ code: 'a-teapot', status: 418 });
  });

  it.each(['toString', '__proto__'])('of the code %s is one too', async (code) => {
    const { client } = await serverAndClient(refuse(418, code));
    await expect(client.health()).rejects.toThrow(ProblemError);
  });

  it('from a proxy says what answered, and has the ID of the gateway', async () => {
    const { client } = await serverAndClient(json(401, { message: 'Unauthorized' }, { 'apigw-requestid': 'gw-1' }));
    const error = await client.health().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnexpectedAnswer);
    expect(error).toMatchObject({ status: 401, requestId: 'gw-1', message: expect.stringContaining('Unauthorized') });
  });

  it('of the time limit says so', async () => {
    const { client } = await serverAndClient(silence);
    const call = client.health(undefined, { timeoutMs: 50, retries: { attempts: 1 } });
    await expect(call).rejects.toThrow(TimedOut);
  });
});

describe('an answer that is not the service’s', () => {
  const page: Reaction = (response) =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end('<html><title>Sign in</title>');
  it.each<[string, Reaction, RegExp]>([
    ['a web page', page, /answered 200 with a web page/],
    ['a page of a gateway', (response) => void response.writeHead(503).end('<html>'), /away for now/],
    [
      'a firewall’s refusal',
      json(429, { status: 429, code: 'too-many-requests' }),
      /too many requests from this address/,
    ],
    ['a redirect', (response) => void response.writeHead(302, { location: '/sso' }).end(), /redirects the request/],
    ['the JSON of another service', json(200, { login: 'required' }), /not as the service does.*login/],
    ['no object', json(200, null), /not as the service does/],
    ['a list', json(200, []), /not as the service does/],
    ['nothing', (response) => void response.writeHead(204).end(), /answered 204, but not/],
  ])('is never taken for one: %s', async (_, reaction, message) => {
    const { client } = await serverAndClient(reaction);
    for (const call of [
      () => client.getSubscription({ product: 'KRE' }),
      () => client.activate({ product: 'KRE', machineId: 'm' }),
      async () => client.listActivations({ product: 'KRE' }),
    ])
      await expect(call()).rejects.toThrow(message);
  });

  it('is not taken for a deletion, a license file or a report', async () => {
    const { client } = await serverAndClient(page);
    await expect(client.revokeApiKey({ keyId: 'k' })).rejects.toThrow(UnexpectedAnswer);
    await expect(client.getOfflineLicenseFile({ product: 'KRE', licenseId: 'l' })).rejects.toThrow(UnexpectedAnswer);
    await expect(client.getUsageCsv({ product: 'KRE' }).next()).rejects.toThrow(UnexpectedAnswer);
  });
});

describe('the organization', () => {
  const me = (...organizationIds: string[]) =>
    json(200, {
      type: 'api-key',
      memberships: organizationIds.map((organizationId) => ({ organizationId, role: 'user' })),
    });
  const machines = json(200, { items: [] });

  it('is that of the credential if none is named; the service is asked once', async () => {
    const { baseUrl, arrived } = await faultyServer(me('org_1'), machines);
    const client = createClient({ baseUrl, credential: 'key' });
    await client.listMachines({ product: 'KRE' });
    await client.listMachines({ product: 'KRE' });
    const list = '/v1/organizations/org_1/subscriptions/KRE/machines';
    expect(arrived.map(({ url }) => url)).toEqual(['/v1/me', list, list]);
  });

  it('must be named by a member of several', async () => {
    const { baseUrl } = await faultyServer(me('org_1', 'org_2'));
    const client = createClient({ baseUrl, credential: 'key' });
    await expect(client.getOrganization()).rejects.toThrow('one of org_1, org_2');
  });
});

describe('a list', () => {
  const page = (items: number[], nextCursor?: string) => json(200, { items, nextCursor });

  it('is read to its end, page by page', async () => {
    const { client, arrived } = await serverAndClient(page([1, 2], 'b'), page([], 'c'), page([3]));
    const seen: unknown[] = [];
    for await (const item of client.listMachines({ product: 'KRE', limit: 2 })) seen.push(item);
    expect(seen).toEqual([1, 2, 3]);
    expect(arrived.map(({ url }) => url.split('?')[1])).toEqual(['limit=2', 'limit=2&cursor=b', 'limit=2&cursor=c']);
  });

  it('is read no further than it is needed', async () => {
    const { client, arrived } = await serverAndClient(page([1, 2], 'b'));
    for await (const _ of client.listMachines({ product: 'KRE' })) break;
    expect(arrived).toHaveLength(1);
  });

  it('is one page when it is awaited', async () => {
    const { client } = await serverAndClient(page([1, 2], 'b'));
    expect(await client.listMachines({ product: 'KRE' })).toEqual({ items: [1, 2], nextCursor: 'b' });
  });
});

describe('a report as CSV', () => {
  const csv =
    (text: string, headers: Record<string, string> = {}): Reaction =>
    (response) =>
      void response.writeHead(200, { 'content-type': 'text/csv; charset=utf-8', ...headers }).end(text);
  const all = async (pieces: AsyncIterable<string>) => {
    let text = '';
    for await (const piece of pieces) text += piece;
    return text;
  };

  it('is one file with one heading, however many the service sends', async () => {
    const { client, arrived } = await serverAndClient(
      csv('Name,Duration\r\nAda,1\r\n', { link: '</v1/elsewhere?cursor=b>; rel="next"' }),
      csv('Name,Duration\r\nBob,2\r\n'),
    );
    expect(await all(client.listSessionsCsv({ product: 'KRE', from: '2027-01-01' }))).toBe(
      'Name,Duration\r\nAda,1\r\nBob,2\r\n',
    );
    const path = '/v1/organizations/acme/subscriptions/KRE/sessions';
    expect(arrived.map(({ url }) => url)).toEqual([`${path}?from=2027-01-01`, `${path}?cursor=b`]);
    expect(arrived.map(({ headers }) => headers.accept)).toEqual(['text/csv', 'text/csv']);
  });

  it('fails where it breaks off, rather than end', async () => {
    const { client } = await serverAndClient((response) => {
      response.writeHead(200, { 'content-type': 'text/csv', 'content-length': '100' });
      response.write('Name\r\nAda\r\n', () => setTimeout(() => response.destroy(), 50));
    });
    await expect(all(client.listSessionsCsv({ product: 'KRE' }))).rejects.toThrow(ConnectionFailed);
  });

  it('is broken off by the signal, and by a silence in the middle of it', async () => {
    const begun: Reaction = (response) =>
      void response.writeHead(200, { 'content-type': 'text/csv' }).write('Name\r\n');
    const { client } = await serverAndClient(begun);
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 100);
    await expect(
      all(client.listSessionsCsv({ product: 'KRE' }, { signal: stop.signal, timeoutMs: 600_000 })),
    ).rejects.toThrow('enough');
    await expect(all(client.listSessionsCsv({ product: 'KRE' }, { timeoutMs: 100 }))).rejects.toThrow(TimedOut);
  });

  it('keeps a letter whole that comes in two pieces', async () => {
    const { client } = await serverAndClient((response) => {
      const bytes = Buffer.from('Zoë\r\n');
      response.writeHead(200, { 'content-type': 'text/csv' }).write(bytes.subarray(0, 3));
      setTimeout(() => response.end(bytes.subarray(3)), 50);
    });
    expect(await all(client.listSessionsCsv({ product: 'KRE' }))).toBe('Zoë\r\n');
  });
});
