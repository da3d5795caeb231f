import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { repeat, startSchedule } from '../../infra/local/fakes/background-loop.ts';
import { eventually } from '../eventually.ts';

it('runs one round at a time, goes on after a failed round, and lets the last one finish', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  let running = 0;
  let most = 0;
  let rounds = 0;
  const background = repeat(1, async () => {
    most = Math.max(most, ++running);
    await sleep(10);
    running--;
    if (++rounds === 2) throw new Error('once');
  });
  await eventually(() => expect(rounds).toBeGreaterThan(3));
  await background.stop();
  expect({ most, running }).toEqual({ most: 1, running: 0 });

  const after = rounds;
  await sleep(30);
  expect(rounds).toBe(after);
});

it('does nothing at 0 seconds', async () => {
  const expire = vi.fn(async () => {});
  const schedule = startSchedule(0, expire);
  await sleep(10);
  await schedule.stop();
  expect(expire).not.toHaveBeenCalled();
});
