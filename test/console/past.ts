import pMap from 'p-map';
import { dayMs, dayOf } from '../../shared/domain/dates.ts';
import { recordRefusal } from '../../shared/table/history/refusals.ts';
import type { Pool } from '../../shared/table/store/keys.ts';
import type { Table } from '../../shared/table/store/table.ts';
import { ran, refusal } from '../table/support/past-sessions.ts';
import { recordHistoryOf } from '../table/support/stream/follow.ts';

const DAYS = 30;
const hour = dayMs / 24;
const workday = { from: 7 * hour, hours: 11 };

/** How many runners work at once on a day: few at weekends, and from one week to the next more of them. */
const runnersOn = (day: number): number => {
  const weekday = new Date(day).getUTCDay();
  const week = Math.floor(day / (7 * dayMs));
  return weekday === 0 || weekday === 6 ? 2 : Math.min(10, 5 + (week % 3) + (weekday % 4));
};

/** The reports of a product on a month in which its quota of ten was nearly always enough. */
export const fillPast = async (table: Table, pool: Pool): Promise<void> => {
  const today = dayOf(Date.now());
  const days = Array.from({ length: DAYS }, (_, ago) => today - (DAYS - ago) * dayMs);
  const sessions = days.flatMap((day) =>
    Array.from({ length: runnersOn(day) }, (_, runner) => {
      const startedAt = day + workday.from + ((runner * 17) % 60) * 60_000;
      const hours = 2 + ((runner * 5) % (workday.hours - 2));
      const waitedSeconds = runner === 9 ? 240 : undefined;
      const session = { sessionId: `nightly-${day / dayMs}-${runner}`, machineId: `runner-0${runner}` };
      return { ...session, userId: `usr_${runner % 3}`, waitedSeconds, startedAt, endedAt: startedAt + hours * hour };
    }),
  );
  const full = days.filter((day) => runnersOn(day) === 10);
  await pMap(ran(pool, sessions), (change) => recordHistoryOf(table, change), { concurrency: 8 });
  await pMap(full, (day) => recordRefusal(table, refusal(pool, day + 9 * hour)), { concurrency: 8 });
};
