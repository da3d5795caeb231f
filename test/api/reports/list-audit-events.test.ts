import { describe, expect, it } from 'vitest';
import { createOrganization } from '../../../shared/contracts/create-organization.ts';
import { listAuditEvents } from '../../../shared/contracts/list-audit-events.ts';
import { removeMember } from '../../../shared/contracts/remove-member.ts';
import type { AuditEvent } from '../../../shared/domain/history/audit.ts';
import { recordEvent } from '../../../shared/table/history/audit-events.ts';
import { type Call, day, type Json, openWorld, stamp } from '../support/harness.ts';

const world = await openWorld();
const { got, call, table, userId, addMember } = world;

const noon = Date.parse('2026-03-10T12:00:00.000Z');
const utc = (at: number) => new Date(at).toISOString();

/** An organization of its own, whose owner is the stranger, with these events. */
const organizationWith = async (events: Partial<AuditEvent>[]) => {
  const body = { name: 'Told', ownerEmail: 'stranger@other.example' };
  const { id: organizationId } = await got(201, createOrganization, { as: 'vendor', body });
  const as = { bearer: world.credential('stranger') };
  for (const [index, event] of events.entries())
    await recordEvent(table, {
      id: `e${index}`,
      at: noon,
      organizationId,
      action: 'activation.started',
      actor: 'user#usr_u',
      target: { type: 'activation', id: 's' },
      details: {},
      ...event,
    });
  const ask = (query: Call['query'], status = 200): Promise<Json> =>
    got(status, listAuditEvents, { as, path: { organizationId }, query });
  const ids = async (query: Call['query']) => (await ask(query)).items.map(({ id }: Json) => id);
  return { organizationId, as, ask, ids };
};
const around = { from: utc(noon - 25 * day), to: utc(noon + day) };

describe('200', () => {
  it('the events of a range, newest first, over days with and without events', async () => {
    const { ids } = await organizationWith([
      { at: noon - 3 * day },
      { at: noon },
      { at: noon + 1 },
      { at: noon - 20 * day },
      { at: Date.parse('2026-03-10T00:00:00.000Z') },
      { at: Date.parse('2026-03-09T23:59:59.999Z') },
    ]);
    expect(await ids(around)).toEqual(['e2', 'e1', 'e4', 'e5', 'e0', 'e3']);
    // From its beginning, and before its end.
    expect(await ids({ from: utc(noon), to: utc(noon + 1) })).toEqual(['e1']);
    expect(await ids({ from: '2026-03-10T00:00:00.000Z', to: '2026-03-11T00:00:00.000Z' })).toEqual(['e2', 'e1', 'e4']);
    expect(await ids({ from: '2026-03-09T00:00:00.000Z', to: '2026-03-10T00:00:00.000Z' })).toEqual(['e5']);
    expect(await ids({ from: utc(noon), to: utc(noon) })).toEqual([]);
    expect(await ids({ from: utc(noon + 2), to: utc(noon) })).toEqual([]);
  });
  it('by default those of the last 30 days, up to this moment', async () => {
    const now = Date.now();
    const { ids } = await organizationWith([{ at: now }, { at: now - 29 * day }, { at: now - 31 * day }]);
    expect(await ids({})).toEqual(['e0', 'e1']);
    // An end alone: the 30 days before it.
    expect(await ids({ to: utc(now - 30 * day) })).toEqual(['e2']);
  });
  it('an event that is stored twice is one event', async () => {
    const { organizationId, ids } = await organizationWith([{}]);
    const event: AuditEvent = {
      id: 'e0',
      at: noon,
      organizationId,
      action: 'activation.started',
      actor: 'user#usr_u',
      target: { type: 'activation', id: 's' },
      details: {},
    };
    await Promise.all([recordEvent(table, event), recordEvent(table, event), recordEvent(table, event)]);
    expect(await ids(around)).toEqual(['e0']);
  });
  it('filters by actor, action, all actions of a kind, product and target, each exactly', async () => {
    const { ids } = await organizationWith([
      { actor: 'user#usr_a' },
      { actor: 'api-key#key1#usr_a', action: 'activation.ended' },
      { actor: 'service#schedule', target: { type: 'subscription', id: 'KRE' }, product: 'KRE' },
      { actor: 'vendor#v', target: { type: 'subscription', id: 'KRE-2' }, action: 'subscription.changed' },
    ]);
    const sorted = async (query: object) => (await ids({ ...around, ...query })).sort();
    expect(await sorted({ actor: 'usr_a' })).toEqual(['e0', 'e1']);
    expect(await sorted({ actor: 'key1' })).toEqual(['e1']);
    expect(await sorted({ actor: 'schedule' })).toEqual(['e2']);
    expect(await sorted({ actor: 'v' })).toEqual(['e3']);
    expect(await sorted({ action: 'activation.ended' })).toEqual(['e1']);
    expect(await sorted({ target: 'KRE' })).toEqual(['e2']);
    expect(await sorted({ actor: 'usr_a', action: 'activation.started', target: 's' })).toEqual(['e0']);
    expect(await sorted({ actor: 'usr_a', target: 'KRE' })).toEqual([]);
    expect(await sorted({ action: 'subscription.*' })).toEqual(['e3']);
    expect(await sorted({ product: 'KRE' })).toEqual(['e2']);
    expect(await sorted({ product: 'KRE', action: 'activation.ended' })).toEqual([]);
  });
  it('each event has its actor, with the email of the member, also of a removed one', async () => {
    const { organizationId, as, ask } = await organizationWith([]);
    const bearer = await addMember('ada@told.example', 'admin', organizationId);
    const ada = await userId({ bearer });
    await got(204, removeMember, { as, path: { organizationId, userId: ada } });
    const about = { organizationId, target: { type: 'member', id: ada }, action: 'member.added', details: {} } as const;
    const actors = [`user#${ada}`, `api-key#key1#${ada}`, 'vendor#v', 'service#schedule', 'user#usr_none'] as const;
    for (const [index, actor] of actors.entries())
      await recordEvent(table, { ...about, id: `a${index}`, at: noon - index, actor, product: 'KRE' });
    const { items } = await ask(around);
    expect(items[0]).toEqual({
      id: 'a0',
      at: utc(noon),
      action: 'member.added',
      actor: { type: 'user', id: ada, email: 'ada@told.example' },
      target: { type: 'member', id: ada },
      product: 'KRE',
      details: {},
    });
    expect(items.slice(1).map(({ actor }: Json) => actor)).toEqual([
      { type: 'api-key', id: 'key1', userId: ada, email: 'ada@told.example' },
      { type: 'vendor', id: 'v' },
      { type: 'service', id: 'schedule' },
      { type: 'user', id: 'usr_none' },
    ]);
  });
  it('pages show each event once, whatever the size of the page, also where days end and filters find little', async () => {
    const events = Array.from({ length: 260 }, (_, index) => ({
      at: noon - Math.floor(index / 3) * 4 * 3_600_000,
      action: index % 130 === 7 ? ('activation.ended' as const) : ('activation.started' as const),
    }));
    const { ask } = await organizationWith(events);
    const walk = async (query: Record<string, string>) => {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await ask({ ...around, ...query, ...(cursor && { cursor }) });
        found.push(...page.items.map(({ id }: Json) => id));
        cursor = page.nextCursor;
      } while (cursor);
      return found;
    };
    const whole = await walk({ limit: '200' });
    expect(whole).toHaveLength(260);
    expect(new Set(whole).size).toBe(260);
    for (const limit of ['6', '100']) expect(await walk({ limit })).toEqual(whole);
    expect((await walk({ action: 'activation.ended', limit: '1' })).sort()).toEqual(['e137', 'e7']);
  });
  it('a request over a year of empty days looks at a month of them, and says where to go on', async () => {
    const { ask } = await organizationWith([{ at: noon - 300 * day }]);
    const query = { from: utc(noon - 399 * day), to: utc(noon) };
    let pages = 0;
    const found: Json[] = [];
    let cursor: string | undefined;
    do {
      const page = await ask({ ...query, ...(cursor && { cursor }) });
      found.push(...page.items);
      cursor = page.nextCursor;
      pages++;
    } while (cursor);
    expect(found).toHaveLength(1);
    expect(pages).toBe(13);
  });
  it('the list has no events of other organizations', async () => {
    const one = await organizationWith([{}]);
    const other = await organizationWith([]);
    expect(await one.ids(around)).toEqual(['e0']);
    expect(await other.ids(around)).toEqual([]);
  });
});

describe('400', () => {
  it.each([
    ['from', 'yesterday'],
    ['to', '2026-03-10'],
    ['action', 'activation'],
    ['actor', ''],
    ['target', 'x'.repeat(255)],
    ['cursor', stamp()],
    ['limit', '201'],
    ['role', 'owner'],
  ])('%s=%s', async (name, value) => {
    const { status, body } = await call(listAuditEvents, { as: 'owner', query: { [name]: value } });
    expect(status).toBe(400);
    expect(JSON.stringify(body.errors)).toContain(name);
  });
  it('a range of more than 400 days', async () => {
    const query = { from: utc(noon - 401 * day), to: utc(noon) };
    const { status, body } = await call(listAuditEvents, { as: 'owner', query });
    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ pointer: '/query/from' }]);
  });
  it('a cursor of another range or filter', async () => {
    const { ask } = await organizationWith([{}, {}, {}]);
    const { nextCursor: cursor } = await ask({ ...around, limit: '1' });
    await ask({ ...around, limit: '2', cursor });
    await ask({ ...around, action: 'activation.ended', cursor }, 400);
    await ask({ from: utc(noon - 24 * day), to: around.to, cursor }, 400);
  });
});
