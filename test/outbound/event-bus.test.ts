import type { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../shared/domain/history/audit.ts';
import type { DeliveryJob } from '../../shared/outbound/deliver-webhook.ts';
import { dispatchChange, type Sinks } from '../../shared/outbound/dispatch-change.ts';
import { openBus } from '../../shared/outbound/event-bus.ts';
import { keys } from '../../shared/table/store/keys.ts';
import type { Item } from '../../shared/table/store/table.ts';
import { changeOf } from '../../shared/table/stream/change.ts';
import { reactionsTo } from '../../shared/table/stream/reactions-by-kind.ts';

const event = (id: string): AuditEvent => ({
  id,
  at: Date.parse('2027-01-31T09:30:00.000Z'),
  organizationId: 'org_a',
  action: 'license.refused',
  actor: 'api-key#key1#usr_u',
  target: { type: 'activation', id: 'build-4711' },
  product: 'KRE',
  details: { reason: 'license-quota' },
});

/** A bus that refuses some events by their ids, and what it was asked. */
const busThat = (refuses: (ids: string[]) => boolean[] | Error, actions = ['*']) => {
  const requests: PutEventsCommand['input'][] = [];
  const client = {
    send: async ({ input }: PutEventsCommand) => {
      requests.push(input);
      const outcome = refuses((input.Entries ?? []).map(({ Detail }) => JSON.parse(Detail as string).id));
      if (outcome instanceof Error) throw outcome;
      return { Entries: outcome.map((refused) => (refused ? { ErrorCode: 'ThrottlingException' } : { EventId: 'e' })) };
    },
  };
  return { requests, put: openBus('bus', actions, client as unknown as EventBridgeClient) };
};

describe('events on the bus', () => {
  it('have a source, the action as their type, their own time, and a versioned detail', async () => {
    const { requests, put } = busThat((ids) => ids.map(() => false));
    await put(event('e1'));
    const [{ Entries: [entry] = [] } = {}] = requests;
    expect({ ...entry, Detail: JSON.parse(entry?.Detail as string) }).toEqual({
      EventBusName: 'bus',
      Source: 'leasehold',
      DetailType: 'license.refused',
      Time: new Date('2027-01-31T09:30:00.000Z'),
      Detail: {
        version: 1,
        id: 'e1',
        at: '2027-01-31T09:30:00.000Z',
        organizationId: 'org_a',
        action: 'license.refused',
        actor: { type: 'api-key', id: 'key1', userId: 'usr_u' },
        target: { type: 'activation', id: 'build-4711' },
        product: 'KRE',
        details: { reason: 'license-quota' },
      },
    });
  });

  it('are those alone that the operator wants', async () => {
    const { requests, put } = busThat((ids) => ids.map(() => false), ['license.*', 'subscription.expired']);
    const actions = ['activation.started', 'license.refused', 'subscription.expiring', 'subscription.expired'] as const;
    await Promise.all(actions.map((action) => put({ ...event(action), action })));
    expect(requests.flatMap(({ Entries = [] }) => Entries.map(({ DetailType }) => DetailType))).toEqual([
      'license.refused',
      'subscription.expired',
    ]);
  });

  it('go ten in a request, and one that is refused fails alone', async () => {
    const { requests, put } = busThat((ids) => ids.map((id) => id === 'e3'));
    const outcomes = await Promise.allSettled(Array.from({ length: 25 }, (_, index) => put(event(`e${index}`))));
    expect(requests.map(({ Entries = [] }) => Entries.length)).toEqual([10, 10, 5]);
    expect(outcomes.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([3]);
  });
  it('all fail with a request that fails, and those of others do not', async () => {
    const { put } = busThat((ids) => (ids.includes('e3') ? new Error('unreachable') : ids.map(() => false)));
    const outcomes = await Promise.allSettled(Array.from({ length: 15 }, (_, index) => put(event(`e${index}`))));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(10);
  });
});

describe('a change is handed on', () => {
  const dispatch = async (sinks: Sinks, before: object | undefined, after: object | undefined) => {
    const change = changeOf({
      id: 'c1',
      at: 9000,
      before: before as Item | undefined,
      after: after as Item | undefined,
    });
    if (change) await dispatchChange(sinks, change, reactionsTo(change).event());
  };
  const name = { organizationId: 'org_a', webhookId: 'whk_a', id: 'dlv_a' };
  const delivery = { ...keys.delivery(name), ...name, status: 'pending', attempts: 0, queuedAt: 1 };
  const handed = async (before: object | undefined, after: object | undefined) => {
    const events: AuditEvent[] = [];
    const orders: DeliveryJob[] = [];
    const outside = {
      bus: async (one: AuditEvent) => void events.push(one),
      attempts: async (one: DeliveryJob) => void orders.push(one),
    };
    await dispatch(outside, before, after);
    return { events, orders };
  };

  it('to the bus, if it is an event', async () => {
    const organization = { ...keys.organization('org_a'), name: 'Acme', createdAt: 1000, actor: 'vendor#v' };
    const { events, orders } = await handed(undefined, organization);
    expect(events).toMatchObject([{ id: 'c1', action: 'organization.created', organizationId: 'org_a' }]);
    expect(orders).toEqual([]);
    expect(await handed(organization, organization)).toEqual({ events: [], orders: [] });
    expect(await handed(organization, undefined)).toEqual({ events: [], orders: [] });
  });
  it('to the queue, if it asks for an attempt: a new delivery, the next attempt, one by hand', async () => {
    const order = { organizationId: 'org_a', webhookId: 'whk_a', deliveryId: 'dlv_a', attempts: 0 };
    expect(await handed(undefined, delivery)).toEqual({ events: [], orders: [order] });
    expect((await handed(delivery, { ...delivery, attempts: 1, queuedAt: 2 })).orders).toEqual([
      { ...order, attempts: 1 },
    ]);
    expect((await handed(delivery, { ...delivery, attempts: 1 })).orders).toEqual([]);
    expect((await handed(delivery, { ...delivery, status: 'delivered' })).orders).toEqual([]);
    expect((await handed(delivery, undefined)).orders).toEqual([]);
  });
  it('again by the stream, if the bus or the queue failed', async () => {
    const fails = () => Promise.reject(new Error('unreachable'));
    const organization = { ...keys.organization('org_a'), name: 'Acme', createdAt: 1000, actor: 'vendor#v' };
    await expect(dispatch({ bus: fails }, undefined, organization)).rejects.toThrow('unreachable');
    await expect(dispatch({ attempts: fails }, undefined, delivery)).rejects.toThrow('unreachable');
  });
  it('to nothing where nothing is set up', async () => {
    await dispatch({}, undefined, delivery);
  });
});
