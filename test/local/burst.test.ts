import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { onDatabase } from '../console/stack.ts';
import { createDatabase } from '../table/support/database.ts';
import { type Credentials, makeDataDir, runStack } from './stack-process.ts';

const sessions = Array.from({ length: 80 }, (_, index) => `build-${index}`);
const kre = ({ baseUrl, organizationId }: Credentials) =>
  `${baseUrl}/v1/organizations/${organizationId}/subscriptions/KRE`;

interface Answer {
  sessionId: string;
  status: number;
  body: { seat?: number; fence?: number; code?: string };
}

/**
 * Activates as a runner does, which asks again while the service is too busy to answer in time; undefined if the connection broke
 * before the answer.
 */
const activate = async (credentials: Credentials, sessionId: string): Promise<Answer | undefined> => {
  try {
    const response = await fetch(`${kre(credentials)}/activations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${credentials.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ machineId: `machine-of-${sessionId}`, sessionId }),
    });
    const { status } = response;
    const body = (await response.json()) as Answer['body'];
    if (status < 500) return { sessionId, status, body };
    await sleep(1_000);
    return activate(credentials, sessionId);
  } catch {
    return undefined;
  }
};

it('a burst cut by kill -9 and retried after the restart: ten sessions hold, and answered ones keep seat and fence', async () => {
  // No schedule: the retries alone repair the state after the crash.
  const environment = {
    LEASEHOLD_DATA_DIR: makeDataDir(),
    SCHEDULE_SECONDS: '0',
    ...onDatabase(await createDatabase({ stream: true })),
  };
  const first = runStack(environment);
  const before = await first.ready;
  const burst = Promise.all(sessions.map((id) => activate(before, id)));
  // As soon as one session has a license, while the others still activate.
  for (let online = 0; online === 0; await sleep(5)) {
    const response = await fetch(`${kre(before)}`, { headers: { authorization: `Bearer ${before.tokens.owner}` } });
    online = ((await response.json()) as { inUse?: { online: number } }).inUse?.online ?? 0;
  }
  first.child.kill('SIGKILL');
  const answered = (await burst).filter((answer) => answer !== undefined);
  await first.exit;

  const after = await runStack(environment).ready;
  const retried = await Promise.all(sessions.map((id) => activate(after, id)));
  // A seat that the crash left claimed is for its own session: the retry gets it, other sessions are refused.
  const got = retried.filter((answer) => answer?.status === 200 || answer?.status === 201);
  expect(got).toHaveLength(10);
  for (const answer of retried) if (!got.includes(answer)) expect(answer?.body.code).toBe('license-quota-exceeded');
  for (const { sessionId, body } of answered.filter((one) => one.status === 201)) {
    expect(got.find((one) => one?.sessionId === sessionId)?.body).toMatchObject({ seat: body.seat, fence: body.fence });
  }
  const response = await fetch(`${kre(after)}/activations?limit=200`, {
    headers: { authorization: `Bearer ${after.tokens.owner}` },
  });
  const { items } = (await response.json()) as { items: { sessionId: string }[] };
  expect(items.map(({ sessionId }) => sessionId).sort()).toEqual(got.map((one) => one?.sessionId).sort());
});
