import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, type TestContext, vi } from 'vitest';
import {
  acquire,
  type ClientOptions,
  ConnectionFailed,
  createClient,
  LicenseLost,
  LicenseQuotaExceeded,
  type Waiting,
  withLicense,
} from '../../client/index.ts';
import { eventually } from '../eventually.ts';
import { cuttable } from './cuttable.ts';
import { drop, faultyServer, json, patient, refuse, silence } from './faulty-server.ts';
import { startService } from './service.ts';

const { as, subscribe, credentials } = await startService();
const runner = as('apiKey', { fetch: patient });

/** The service with a heartbeat each second of leases that last for minutes: no machine is so slow that such a lease ends. */
const eager: typeof fetch = async (...args) => {
  const response = await patient(...args);
  const text = (await response.text()).replace(/"heartbeatSeconds":\d+/, '"heartbeatSeconds":1');
  return new Response(text || null, response);
};

const machineId = 'runner-1';

/** Resolves with the reason once the signal is aborted. */
const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    signal.addEventListener('abort', () => resolve(signal.reason));
  });

const online = async (product: string) => (await as('owner').listActivations({ product })).items.length;
const endOf = async (product: string, sessionId: string) =>
  (await runner.getActivation({ product, sessionId })) as { status: string; endedReason?: string | null };

// Concurrent, as most of its time a test waits for a lease.
describe.concurrent('work with a license', () => {
  it('holds one while it runs, extends its lease, then releases it and returns the result', async () => {
    const product = await subscribe();
    const options = { product, machineId, sessionId: 'long' };
    const ends = await withLicense(as('apiKey', { fetch: eager }), options, async (license) => {
      const seen = new Set<string | null>();
      await eventually(() => expect(seen.add(license.activation.leaseExpiresAt).size).toBe(3));
      expect(license.signal.aborted).toBe(false);
      expect(await online(product)).toBe(1);
      return [...seen];
    });
    expect(ends).toEqual(ends.toSorted());
    expect(await endOf(product, 'long')).toMatchObject({ status: 'ended', endedReason: 'released' });
  });

  it('gives it back when it throws, and the error is the work’s', async () => {
    const product = await subscribe();
    const broken = withLicense(runner, { product, machineId }, () => {
      throw new Error('a bug');
    });
    await expect(broken).rejects.toThrow('a bug');
    expect(await online(product)).toBe(0);
  });

  it('gives it back when it is aborted from outside, with that reason', async () => {
    const product = await subscribe();
    const stop = new AbortController();
    const work = withLicense(runner, { product, machineId, signal: stop.signal }, async ({ signal }) => {
      setTimeout(() => stop.abort(new Error('enough')), 50);
      throw await aborted(signal);
    });
    await expect(work).rejects.toThrow('enough');
    expect(await online(product)).toBe(0);
  });

  it('waits in the queue until another session releases its license, and then has that one', async () => {
    const product = await subscribe({ quota: 1 });
    const before = await acquire(runner, { product, machineId });
    const places: Waiting[] = [];
    const onWaiting = (place: Waiting) => {
      places.push(place);
      if (places.length === 1) void before.release();
    };
    const options = { product, machineId, sessionId: 'waits', waitSeconds: 60, onWaiting };
    const had = await withLicense(runner, options, async ({ activation }) => {
      expect(await online(product)).toBe(1);
      return activation;
    });
    expect(places[0]).toMatchObject({ sessionId: 'waits', position: 1, estimatedSeconds: null });
    expect(had).toMatchObject({ sessionId: 'waits', status: 'active', seat: before.activation.seat });
    expect(had.fence).toBeGreaterThan(before.activation.fence ?? 0);
    expect(await endOf(product, 'waits')).toMatchObject({ status: 'ended', endedReason: 'released' });
  });

  it('is not begun when there is none', async () => {
    const product = await subscribe({ quota: 0 });
    const work = vi.fn();
    await expect(withLicense(runner, { product, machineId }, work)).rejects.toThrow(LicenseQuotaExceeded);
    expect(work).not.toHaveBeenCalled();
  });

  it('learns why its license is lost', async () => {
    const product = await subscribe();
    const options = { product, machineId, sessionId: 'taken' };
    const reason = withLicense(as('apiKey', { fetch: eager }), options, async ({ signal }) => {
      await as('owner').deactivate({ product, sessionId: 'taken' });
      return aborted(signal);
    });
    expect(await reason).toBeInstanceOf(LicenseLost);
    expect(await reason).toMatchObject({ reason: 'license-removed', requestId: expect.stringMatching(/./) });
  });
});

/** Takes a license of a new product; released after the test. */
const held = async (
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  terms: { leaseSeconds?: number } = {},
  options: Partial<ClientOptions> = {},
) => {
  const product = await subscribe(terms);
  const hold = await acquire(as('apiKey', { fetch: patient, ...options }), { product, machineId });
  onTestFinished(() => hold.release().catch(() => {}));
  return { product, hold };
};

describe.concurrent('a hold', () => {
  it('outlives a network that is away for less than the lease', async (test) => {
    const way = await cuttable(credentials.baseUrl, test.onTestFinished);
    const { product, hold } = await held(test, {}, { baseUrl: way.baseUrl, fetch: eager });
    way.cut();
    await eventually(() => expect(way.refused()).toBeGreaterThan(1));
    expect(hold.signal.aborted).toBe(false);
    const before = hold.activation.leaseExpiresAt;
    way.mend();
    await eventually(() => expect(hold.activation.leaseExpiresAt).not.toBe(before));
    expect(hold.signal.aborted).toBe(false);
    expect(await online(product)).toBe(1);
  });

  it('is lost when the network stays away, not before its lease has ended', async (test) => {
    const way = await cuttable(credentials.baseUrl, test.onTestFinished);
    const { product, hold } = await held(test, { leaseSeconds: 5 }, { baseUrl: way.baseUrl });
    way.cut();
    expect(await aborted(hold.signal)).toMatchObject({ name: 'LicenseLost', reason: 'unreachable' });
    expect(await endOf(product, hold.activation.sessionId)).toMatchObject({
      status: 'ended',
      endedReason: 'lease-expired',
    });
  });

  it('is given back once, however often', async (test) => {
    const { product, hold } = await held(test);
    await Promise.all([hold.release(), hold.release()]);
    await hold.release();
    await hold.heartbeat();
    expect(hold.signal.aborted).toBe(false);
    expect(await online(product)).toBe(0);
  });
});

/** Stops this process, its timers and answers, for a time. */
const stall = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

describe('a hold after a stall longer than its lease', () => {
  it('goes on if nobody took the license', async (test) => {
    const { hold } = await held(test, { leaseSeconds: 5 });
    const before = Date.parse(hold.activation.leaseExpiresAt ?? '');
    stall(7000);
    await hold.heartbeat();
    expect(hold.signal.aborted).toBe(false);
    expect(Date.parse(hold.activation.leaseExpiresAt ?? '')).toBeGreaterThan(before);
  });

  it('is lost if the service gave the license to another, and says so', async () => {
    const product = await subscribe({ leaseSeconds: 5, quota: 1 });
    const hold = await acquire(runner, { product, machineId });
    // Meanwhile this process does nothing, not even a heartbeat. The other license lasts until this one is lost, however slowly.
    const { baseUrl, organizationId, apiKey, tokens } = credentials;
    const terms = { product, licenseType: 'floating', quota: 1, expiresAt: '2100-01-01T00:00:00Z', leaseSeconds: 3600 };
    const other = `
      import { createClient } from ${JSON.stringify(join(import.meta.dirname, '../../client/index.ts'))};
      const as = (credential) => createClient({ baseUrl: '${baseUrl}', organizationId: '${organizationId}', credential });
      await new Promise((resolve) => setTimeout(resolve, 6000));
      await as('${tokens.vendor}').setSubscription(${JSON.stringify(terms)});
      await as('${apiKey}').activate({ product: '${product}', machineId: 'runner-2' });`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', other], {
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    expect(await aborted(hold.signal)).toMatchObject({ reason: 'lease-expired' });
    await hold.release();
    expect(await online(product)).toBe(1);
  });
});

/** An answer as if the service had given it an hour later: everything that it tells was an hour ago. */
const anHourLater = ({ body, status, headers }: Response) => {
  const date = new Date(Date.parse(headers.get('date') ?? '') + 3_600_000).toUTCString();
  return new Response(body, { status, headers: { ...Object.fromEntries(headers), date } });
};

describe.concurrent('an activation that was aborted', () => {
  it('after the service granted it, is given back', async () => {
    const product = await subscribe();
    const stop = new AbortController();
    const late: typeof fetch = async (...args) => {
      const response = await patient(...args);
      if (!stop.signal.aborted) {
        stop.abort(new Error('enough'));
        throw stop.signal.reason;
      }
      return response;
    };
    const client = as('apiKey', { fetch: late });
    const waiting = acquire(client, { product, machineId, sessionId: 'late', signal: stop.signal });
    await expect(waiting).rejects.toThrow('enough');
    expect(await endOf(product, 'late')).toMatchObject({ endedReason: 'released' });
  });

  it('does not end a run of the same session on another machine', async () => {
    const product = await subscribe();
    await runner.activate({ product, machineId: 'elsewhere', sessionId: 'same' });
    const down: typeof fetch = (input, init) =>
      init?.method === 'POST' ? Promise.reject(new TypeError('down')) : patient(input, init);
    const client = as('apiKey', { fetch: down, retries: { attempts: 1 } });
    await expect(acquire(client, { product, machineId, sessionId: 'same' })).rejects.toThrow("Can't reach");
    expect(await endOf(product, 'same')).toMatchObject({ status: 'active' });
  });

  it.each([
    ['by its caller', 'enough'],
    ['by the network', "Can't reach"],
  ])('%s, does not end the earlier run of the same session that it was to extend', async (_, why) => {
    const product = await subscribe();
    await runner.activate({ product, machineId, sessionId: 'same' });
    const stop = new AbortController();
    const down: typeof fetch = async (input, init) => {
      if (init?.method !== 'POST') return anHourLater(await patient(input, init));
      if (why === 'enough') stop.abort(new Error(why));
      throw new TypeError('down');
    };
    const client = as('apiKey', { fetch: down, retries: { attempts: 1 } });
    const options = { product, machineId, sessionId: 'same', signal: stop.signal };
    await expect(acquire(client, options)).rejects.toThrow(why);
    expect(await endOf(product, 'same')).toMatchObject({ status: 'active' });
  });
});

describe.concurrent('a wait whose network was away, so that the session runs on another machine by now', () => {
  /** The network, whose polls after the first one wait for an event. */
  const lateUntil = (event: Promise<void>): typeof fetch => {
    let polls = 0;
    return async (input, init) => {
      if (init?.method === 'POST' && ++polls > 1) await event;
      return patient(input, init);
    };
  };

  /** The session `again` waits, loses its place, and takes the one license on another machine before its next poll. */
  const overtaken = async (then: (stop: AbortController) => void) => {
    const product = await subscribe({ quota: 1 });
    const before = await acquire(runner, { product, machineId });
    const stop = new AbortController();
    const overtake = Promise.withResolvers<void>();
    const onWaiting = async () => {
      await runner.deactivate({ product, sessionId: 'again' });
      await before.release();
      await runner.activate({ product, machineId: 'elsewhere', sessionId: 'again' });
      overtake.resolve();
      then(stop);
    };
    const options = { product, machineId, sessionId: 'again', waitSeconds: 60, signal: stop.signal, onWaiting };
    const waited = acquire(as('apiKey', { fetch: lateUntil(overtake.promise) }), options);
    return { product, waited };
  };

  it.each<[string, string, (stop: AbortController) => void]>([
    ['its next poll is refused', 'SessionConflict', () => {}],
    ['it is aborted', 'Enough', (stop) => stop.abort(Object.assign(new Error(), { name: 'Enough' }))],
  ])('does not end that run when %s', async (_, name, then) => {
    const { product, waited } = await overtaken(then);
    await expect(waited).rejects.toMatchObject({ name });
    expect(await endOf(product, 'again')).toMatchObject({ status: 'active', machineId: 'elsewhere' });
  });

  it('does not give up the place of that run when it is aborted', async () => {
    const product = await subscribe({ quota: 1 });
    const before = await acquire(runner, { product, machineId });
    const stop = new AbortController();
    const overtake = Promise.withResolvers<void>();
    const onWaiting = async () => {
      await runner.deactivate({ product, sessionId: 'again' });
      await runner.activate({ product, machineId: 'elsewhere', sessionId: 'again', waitSeconds: 60 });
      stop.abort(new Error('enough'));
      overtake.resolve();
    };
    const options = { product, machineId, sessionId: 'again', waitSeconds: 60, signal: stop.signal, onWaiting };
    const waited = acquire(as('apiKey', { fetch: lateUntil(overtake.promise) }), options);
    await expect(waited).rejects.toThrow('enough');
    expect(await endOf(product, 'again')).toMatchObject({ status: 'waiting' });
    await before.release();
  });
});

describe('waiting', () => {
  const place = (position: number, retryAfterSeconds = 0) =>
    json(202, { sessionId: 's', status: 'waiting', position, retryAfterSeconds });
  const granted = json(201, {
    sessionId: 's',
    product: 'KRE',
    machineId,
    status: 'active',
    seat: 1,
    fence: 1,
    leaseExpiresAt: new Date(Date.now() + 120_000).toISOString(),
    heartbeatSeconds: 40,
  });
  const full = refuse(409, 'license-quota-exceeded', { quota: 1, inUse: 1, nextFreeAt: null, retryAfterSeconds: 60 });
  const waiter = async (...reactions: Parameters<typeof faultyServer>) => {
    const { baseUrl, arrived } = await faultyServer(...reactions);
    const retries = { baseMs: 5, attempts: 2 };
    const client = createClient({ baseUrl, organizationId: 'acme', retries, fetch: patient });
    return { arrived, client, options: { product: 'KRE', machineId, sessionId: 's', waitSeconds: 600 } };
  };

  it('repeats the same request until its turn, and reports its place each time', async () => {
    const { client, arrived, options } = await waiter(place(2), place(1), granted, json(204, undefined));
    const places: Waiting[] = [];
    await withLicense(client, { ...options, onWaiting: (told) => places.push(told) }, () => {});
    expect(places.map(({ position }) => position)).toEqual([2, 1]);
    const bodies = arrived.filter(({ method }) => method === 'POST').map(({ body }) => JSON.parse(body));
    expect(bodies).toEqual(Array(3).fill({ machineId, sessionId: 's', waitSeconds: 600 }));
  });

  it('gives up its place at the end of the time, and learns when to come back', async () => {
    const { client, arrived, options } = await waiter(place(2, 60), full);
    await expect(acquire(client, { ...options, waitSeconds: 1 })).rejects.toThrow(LicenseQuotaExceeded);
    expect(arrived.map(({ body }) => JSON.parse(body).waitSeconds)).toEqual([1, undefined]);
  });

  it('gives up its place once, also if the timer was early', async () => {
    vi.spyOn(performance, 'now').mockReturnValue(performance.now());
    onTestFinished(() => void vi.restoreAllMocks());
    const { client, arrived, options } = await waiter(place(2, 60), full);
    await expect(acquire(client, { ...options, waitSeconds: 1 })).rejects.toThrow(LicenseQuotaExceeded);
    expect(arrived.map(({ body }) => JSON.parse(body).waitSeconds)).toEqual([1, undefined]);
  });

  it('gives up its place when it is aborted', async () => {
    const { client, arrived, options } = await waiter(place(2, 60), place(2, 60), json(204, undefined));
    const stop = new AbortController();
    const waiting = acquire(client, { ...options, signal: stop.signal, onWaiting: () => stop.abort(new Error('no')) });
    await expect(waiting).rejects.toThrow('no');
    expect(arrived.map(({ method }) => method)).toEqual(['POST', 'GET', 'DELETE']);
  });

  /** Acquires a license with short pauses after polls that failed. Their 5 s are the time limit of a release, too. */
  const acquireWithShortPauses: typeof acquire = async (client, options) => {
    const { setTimeout } = globalThis;
    const shorter = (done: () => void, ms?: number) => setTimeout(done, ms === 5000 ? 10 : ms);
    const shortened = vi.spyOn(globalThis, 'setTimeout').mockImplementation(shorter as typeof setTimeout);
    try {
      return await acquire(client, options);
    } finally {
      shortened.mockRestore();
    }
  };

  const crowded = refuse(429, 'too-many-requests', { retryAfterSeconds: 0 }, { 'retry-after': '0' });
  it.each([
    ['a restart of the service', drop],
    ['a time in which far too many wait', crowded],
  ])('keeps its place through %s', async (_, failure) => {
    const { client, options } = await waiter(place(2), ...Array(4).fill(failure), granted, json(204, undefined));
    const hold = await acquireWithShortPauses(client, options);
    expect(hold.activation.seat).toBe(1);
    await hold.release();
  });

  it('covers a service that is away: it tells why, and takes the license once the service is back', async () => {
    const away = refuse(503, 'internal');
    const { client, options } = await waiter(drop, drop, away, crowded, granted, json(204, undefined));
    const told: string[] = [];
    const onServiceAway = ({ message }: Error) => void told.push(message);
    const hold = await acquireWithShortPauses(client, { ...options, onServiceAway });
    expect(told).toEqual([expect.stringContaining("Can't reach"), 'It is internal.', 'It is too-many-requests.']);
    await hold.release();
  });

  it('ends with the reason if the service stays away, and at once if that can’t pass by itself', async () => {
    const { client, arrived, options } = await waiter(drop);
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
    onTestFinished(() => void vi.restoreAllMocks());
    const onServiceAway = () => void clock.mockReturnValue(600_000);
    await expect(acquire(client, { ...options, onServiceAway })).rejects.toThrow(ConnectionFailed);
    expect(arrived.filter(({ method }) => method === 'POST')).toHaveLength(3);
    const page = await waiter(json(200, { login: 'required' }));
    await expect(acquire(page.client, page.options)).rejects.toThrow('but not as the service does');
    expect(page.arrived.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it('leaves no place behind if its first poll was throttled, possibly in the middle', async () => {
    const ticket = json(200, { sessionId: 's', status: 'waiting', position: 2, retryAfterSeconds: 5 });
    const { client, arrived, options } = await waiter(crowded, crowded, ticket, json(204, undefined));
    const waiting = acquire(client, { ...options, serviceWaitSeconds: 0 });
    await expect(waiting).rejects.toThrow('It is too-many-requests.');
    expect(arrived.map(({ method }) => method)).toEqual(['POST', 'POST', 'GET', 'DELETE']);
  });

  it('ends at once after a refusal that waiting does not change', async () => {
    const { client, options } = await waiter(refuse(403, 'subscription-expired'), silence);
    await expect(acquire(client, options)).rejects.toThrow('It is subscription-expired.');
  });
});

it('leaves no timer behind: a process that is done with its license ends', async () => {
  const product = await subscribe();
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  for (let n = 0; n < 3; n++) await withLicense(runner, { product, machineId }, () => sleep(10));
  expect(timers()).toBeLessThanOrEqual(before);
});
