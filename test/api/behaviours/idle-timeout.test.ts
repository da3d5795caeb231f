import { expect, it } from 'vitest';
import { clock, day, type Json, utcIn } from '../support/harness.ts';
import { openPage } from './page.ts';

const page = await openPage();
const minute = 60_000;
const licensed = async (terms: object) => {
  const subscription = await page.perUser({ leaseSeconds: 600, expiresAt: utcIn(300 * day), ...terms });
  await page.grant('user@acme.example');
  const activation = await page.start(201, { as: 'user', machineId: 'laptop', sessionId: 'a' });
  /** Lets an idle time pass, with heartbeats; returns the last answer. */
  const idle = async (minutes: number, status = 200): Promise<Json> => {
    let told: Json;
    for (let passed = 5; passed <= minutes; passed += 5) {
      clock.advance(5 * minute);
      told = await page.beat(passed + 5 > minutes ? status : 200, 'user', activation, { idleSeconds: passed * 60 });
    }
    return told;
  };
  const work = () => page.beat(200, 'user', activation, { idleSeconds: 0 });
  return { ...subscription, idle, work };
};

it('off by default', async () => {
  const { idle } = await licensed({});
  expect(await page.figures()).toMatchObject({ idleTimeoutMinutes: null });
  expect(await idle(24 * 60)).toMatchObject({ status: 'active', idleWarningAt: null });
});

it('set per subscription in minutes (120 is what the page offered); enforced by the service', async () => {
  const { idle, work, set } = await licensed({ idleTimeoutMinutes: 120 });
  expect(await page.figures()).toMatchObject({ idleTimeoutMinutes: 120 });
  await idle(115);
  // After new activity the whole time begins again.
  await work();
  await idle(115);
  await work();
  expect(await idle(120, 410)).toMatchObject({ code: 'activation-ended', endedReason: 'idle-timeout' });
  expect(await page.online()).toEqual([]);
  // The license is the user's as before: to go on working is to activate again.
  expect(await page.licensedUsers()).toMatchObject([{ email: 'user@acme.example', online: false }]);
  await page.start(201, { as: 'user', machineId: 'laptop', sessionId: 'a' });

  // A change takes effect with the next heartbeat.
  await set({ idleTimeoutMinutes: 10 });
  const other = await page.start(201, { as: 'user', machineId: 'laptop', sessionId: 'b' });
  await page.beat(200, 'user', other, { idleSeconds: 599 });
  expect(await page.beat(410, 'user', other, { idleSeconds: 600 })).toMatchObject({ endedReason: 'idle-timeout' });
});

it('the answer to a heartbeat says when the warning is due: the shorter of 15 minutes and a quarter of the time that remains', async () => {
  const { idle, work } = await licensed({ idleTimeoutMinutes: 120 });
  const dueIn = ({ idleWarningAt }: Json) => Math.round((Date.parse(idleWarningAt) - Date.now()) / minute);
  // 120 minutes remain: 15 before the end. 60 remain: these are their quarter. 20 remain: 5 before the end.
  expect(dueIn(await work())).toBe(105);
  expect(dueIn(await idle(60))).toBe(45);
  await work();
  expect(dueIn(await idle(100))).toBe(15);
  // Activity after the warning defers the end.
  expect(dueIn(await work())).toBe(105);
});
