import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { onDatabase } from '../console/stack.ts';
import { eventually } from '../eventually.ts';
import { createDatabase } from '../table/support/database.ts';
import { type Credentials, makeDataDir, runStack } from './stack-process.ts';

type Json = any;

/** The operations of a client, as far as they were answered. */
interface Life {
  sessionId: string;
  started?: { seat: number; fence: number };
  ended: boolean;
}

const request = async (
  { baseUrl, organizationId }: Credentials,
  bearer: string,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: Json }> => {
  const response = await fetch(`${baseUrl}/v1/organizations/${organizationId}${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: response.status === 204 ? undefined : await response.json() };
};

const allEvents = async (credentials: Credentials): Promise<Json[]> => {
  const events: Json[] = [];
  let cursor: string | undefined;
  do {
    const query = `?limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
    const { body } = await request(credentials, credentials.tokens.owner, 'GET', `/audit-events${query}`);
    events.push(...body.items);
    cursor = body.nextCursor;
  } while (cursor);
  return events;
};

it('kill -9 in the middle of many operations, and again: every change has one event', async () => {
  const environment = { LEASEHOLD_DATA_DIR: makeDataDir(), ...onDatabase(await createDatabase({ stream: true })) };
  const lives: Life[] = [];
  const refused = new Set<string>();
  let stack = runStack(environment);
  let credentials = await stack.ready;

  /** One runner after another, until the stack is gone. */
  const runner = async (name: string) => {
    for (let turn = 0; ; turn++) {
      const life: Life = { sessionId: `${name}-${turn}`, ended: false };
      lives.push(life);
      const path = '/subscriptions/KRE/activations';
      const body = { sessionId: life.sessionId, machineId: name };
      const got = await request(credentials, credentials.apiKey, 'POST', path, body);
      if (got.status === 409) refused.add(life.sessionId);
      if (got.status !== 201) {
        await setTimeout(200);
        continue;
      }
      life.started = got.body;
      // At first until a session was refused: fourteen ask for ten licenses.
      do await setTimeout(Math.random() * 30);
      while (refused.size === 0);
      const gone = await request(credentials, credentials.apiKey, 'DELETE', `${path}/${life.sessionId}`);
      life.ended = gone.status === 204;
    }
  };
  for (const kill of [1, 2]) {
    const running = Array.from({ length: 14 }, (_, index) => runner(`k${kill}r${index}`));
    await eventually(() => expect(lives.filter(({ started }) => started).length).toBeGreaterThan(30 * kill));
    stack.child.kill('SIGKILL');
    await Promise.allSettled(running);
    await stack.exit;
    stack = runStack(environment);
    credentials = await stack.ready;
  }
  // The event of the last operation comes last.
  const marker = await request(credentials, credentials.tokens.owner, 'POST', '/api-keys', { name: 'marker' });
  await eventually(async () =>
    expect((await allEvents(credentials)).some(({ target }) => target.id === marker.body.id)).toBe(true),
  );
  await setTimeout(1_000);

  const events = await allEvents(credentials);
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  const of = (action: string, sessionId: string) =>
    events.filter((event) => event.action === action && event.target.id === sessionId);
  const known = lives.filter(({ started }) => started);
  expect(known.length).toBeGreaterThan(60);
  expect(refused.size).toBeGreaterThan(0);
  for (const { sessionId, started, ended } of lives) {
    const starts = of('activation.started', sessionId);
    const ends = of('activation.ended', sessionId);
    if (started) {
      expect(starts.map(({ details }) => details)).toMatchObject([{ seat: started.seat, fence: started.fence }]);
      // A release whose answer was lost may or may not have happened.
      if (ended) expect(ends).toHaveLength(1);
    }
    // An unanswered operation may have happened, but never twice.
    expect(starts.length).toBeLessThanOrEqual(1);
    expect(ends.length).toBeLessThanOrEqual(starts.length);
    const refusals = of('license.refused', sessionId);
    if (refused.has(sessionId)) expect(refusals).toHaveLength(1);
    else expect(refusals.length).toBeLessThanOrEqual(1);
  }
  // The seed of the first start has each event once, too.
  for (const action of ['organization.created', 'subscription.created', 'api-key.created'])
    expect(events.some((event) => event.action === action)).toBe(true);
  expect(events.filter(({ action }) => action === 'organization.created')).toHaveLength(1);
});
