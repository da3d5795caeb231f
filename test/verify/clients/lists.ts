import type { AuditRow, HistoryRow, Lists, UsageRow } from '../check/log.ts';
import { untoldByAudit } from '../check/rules/reports.ts';
import { type Product, pathOf, pause, type World } from './world.ts';

/** How long the service may take to tell the last ends, ms. */
const patienceMs = 60_000;

const readAll = async <T>(world: World, path: string): Promise<T[]> => {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { status, body } = await world.recorder.send({
      method: 'GET',
      path: `${path}${page}`,
      token: world.tokens.owner,
    });
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`);
    items.push(...((body?.items ?? []) as T[]));
    cursor = body?.nextCursor as string | undefined;
  } while (cursor);
  return items;
};

/**
 * Waits until every session of a product has ended and the lists tell all of it, then returns the lists. After the patience the
 * lists are returned as they are: the checker says what they lack.
 */
export const readLists = async (world: World, product: Product, say: (line: string) => void): Promise<Lists> => {
  const path = pathOf(world, product.name);
  const organization = `/v1/organizations/${world.organizationId}`;
  const from = new Date(Date.now() - 2 * 86_400_000).toISOString();
  const asked = new Set(
    world.recorder.entries.flatMap((entry) =>
      entry.kind === 'call' && entry.product === product.name && entry.session && entry.answer?.fence
        ? [`${entry.session} ${entry.answer.fence}`]
        : [],
    ),
  );
  for (const deadline = Date.now() + patienceMs; ; ) {
    const sessions = await readAll<HistoryRow>(world, `${path}/sessions?limit=200`);
    const audit = await readAll<AuditRow>(
      world,
      `${organization}/audit-events?limit=200&product=${product.name}&from=${from}`,
    );
    const usage = await readAll<UsageRow>(world, `${path}/usage?granularity=hour&limit=200&from=${from}`);
    const told = new Set(sessions.map(({ sessionId, fence }) => `${sessionId} ${fence}`));
    const live = sessions.filter(({ status }) => status !== 'ended');
    const missing = [...asked].filter((session) => !told.has(session));
    const untold = untoldByAudit({ audit, sessions });
    if ((live.length === 0 && missing.length === 0 && untold.length === 0) || Date.now() > deadline)
      return { kind: 'lists', product: product.name, sessions, audit, usage };
    say(
      `${product.name}: ${live.length} sessions have not ended, ${missing.length} are not in the history yet, ${untold.length} not in the audit events`,
    );
    // A read of a session whose lease has ended ends its record.
    for (const { sessionId } of live)
      await world.recorder.send({ method: 'GET', path: `${path}/activations/${sessionId}`, token: world.tokens.owner });
    await pause(2_000);
  }
};
