import { expect, it } from 'vitest';
import type { AuditEvent } from '../../../shared/domain/history/audit.ts';
import { publicEvent } from '../../../shared/domain/outbox/public-event.ts';

const event: AuditEvent = {
  id: 'e',
  at: 1000,
  organizationId: 'org_a',
  action: 'license.granted',
  actor: 'user#usr_ada',
  target: { type: 'licensed-user', id: 'usr_bob' },
  product: 'KRE',
  details: { seat: 2 },
};

it('webhooks and the event bus get an event with its actor’s IDs, and with its product, if it has one', () => {
  const { at, actor, ...rest } = event;
  const sent = { ...rest, at: '1970-01-01T00:00:01.000Z', actor: { type: 'user', id: 'usr_ada' } };
  expect(publicEvent(event)).toStrictEqual(sent);
  expect(publicEvent({ ...event, actor: 'api-key#k#usr_ada' })).toStrictEqual({
    ...sent,
    actor: { type: 'api-key', id: 'k', userId: 'usr_ada' },
  });
  const { product: _, ...ofOrganization } = event;
  expect(publicEvent(ofOrganization)).not.toHaveProperty('product');
});
