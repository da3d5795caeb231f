import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { health } from '../../shared/contracts/health.ts';
import type { Operation } from '../../shared/contracts/operation.ts';

const lines: Record<string, any>[] = [];
let handlerOf: (changes: Partial<Operation>, answer?: () => never) => () => Promise<unknown>;

beforeAll(async () => {
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'INFO');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'Leasehold');
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    for (const line of String(text).split('\n')) if (line.startsWith('{')) lines.push(JSON.parse(line));
    return true;
  });
  const { serve } = await import('../../shared/http/serve.ts');
  handlerOf = (changes, answer) => {
    const handler = serve({ ...health, ...changes } as typeof health, async () => {
      answer?.();
      return { status: 200, body: { status: 'ok' } } as never;
    });
    const event = {
      headers: {},
      requestContext: { requestId: 'r', http: { method: 'GET', path: '/v1/health', sourceIp: '192.0.2.1' } },
    };
    return () => handler(event as never, { awsRequestId: 'r' } as never) as Promise<unknown>;
  };
});
beforeEach(() => {
  lines.length = 0;
});
afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const requests = () => lines.filter(({ message }) => message === 'request');
const latencies = () => lines.flatMap(({ _aws, Latency }) => (_aws ? [Latency].flat() : []));
const fail = () => {
  throw new Error('broken');
};

describe('a request', () => {
  it('has a log line and its metrics', async () => {
    const handle = handlerOf({ name: 'once' });
    await handle();
    await handle();
    expect(requests()).toMatchObject([
      { status: 200, operation: 'once' },
      { status: 200, operation: 'once' },
    ]);
    expect(latencies()).toHaveLength(2);
  });
});

describe('a request that clients make all the time', () => {
  it('has no log line, and its metrics go out a hundred at once', async () => {
    const handle = handlerOf({ name: 'often', isRoutine: true });
    for (let count = 0; count < 250; count++) await handle();
    expect(requests()).toEqual([]);
    expect(lines.length).toBeLessThanOrEqual(4);
    // The first goes out at once, the last wait for more.
    expect(latencies().length).toBeGreaterThanOrEqual(200);
  });

  it('has both at once if it fails', async () => {
    const handle = handlerOf({ name: 'failing', isRoutine: true }, fail);
    await handle();
    await handle();
    expect(requests()).toMatchObject([{ status: 500 }, { status: 500 }]);
    expect(latencies()).toHaveLength(2);
  });
});
