import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EndedReason } from '../../../shared/contracts/schemas/activation.ts';
import { AuditAction, AuditEvent as AuditEventBody } from '../../../shared/contracts/schemas/audit-event.ts';
import { type AuditEvent, covers, isWanted, trailsOf } from '../../../shared/domain/history/audit.ts';
import type { Item } from '../../../shared/table/store/table.ts';
import { reactionsToRecord } from '../../table/support/stream/follow.ts';
import { admin, ended, events, nothing, session, started, streamAt } from './audit-samples.ts';

const told = (before: Item | undefined, after: Item | undefined) =>
  reactionsToRecord({ at: streamAt, before, after })?.event();

describe('a change that matters to people becomes one event', () => {
  it.each(events)('%s', (_, before, after, expected) => {
    expect(told(before, after)).toMatchObject({ id: 'change', organizationId: 'org_a', ...expected });
    if (expected.details) expect(told(before, after)?.details).toEqual(expected.details);
  });
  it.each(EndedReason.options)('a session that ends, with its reason: %s', (reason) => {
    expect(told(session, { ...ended, endedReason: reason, actor: admin })).toEqual({
      id: 'change',
      at: 4000,
      organizationId: 'org_a',
      product: 'KRE',
      action: 'activation.ended',
      actor: admin,
      target: { type: 'activation', id: 's' },
      details: { ...started, reason },
    });
  });
  it.each(events)('without a secret or a hash: %s', (_, before, after) => {
    expect(JSON.stringify(told(before, after))).not.toMatch(/of-secret|hash|jws|claimId/i);
  });
});

describe('an internal change becomes no event', () => {
  it.each(nothing)('%s', (_, before, after) => {
    expect(told(before, after)).toBeUndefined();
  });
});

describe('the filters of a list of events compare exactly', () => {
  const event = told(undefined, session) as AuditEvent;
  it.each([
    [{}, true],
    [{ actor: 'key1' }, true],
    [{ actor: 'usr_u' }, true],
    [{ actor: 'usr_' }, false],
    [{ actor: 'api-key#key1#usr_u' }, false],
    [{ action: 'activation.started' }, true],
    [{ action: 'activation.ended' }, false],
    [{ product: 'KRE' }, true],
    [{ product: 'KR' }, false],
    [{ target: 's' }, true],
    [{ target: 'S' }, false],
    [{ actor: 'usr_u', action: 'activation.started', target: 'other' }, false],
  ] as const)('%j: %s', (filter, wanted) => {
    expect(isWanted(event, filter)).toBe(wanted);
  });
});

it.each([
  ['*', 'license.granted', true],
  ['license.*', 'license.granted', true],
  ['license.granted', 'license.granted', true],
  ['license.grante', 'license.granted', false],
  ['licenses', 'license.granted', false],
  ['offline-license.*', 'organization.created', false],
])('the pattern %s covers %s: %s', (pattern, action, covered) => {
  expect(covers(pattern, action)).toBe(covered);
});

it('an event is in the trail of its organization, and in the vendor’s once if the vendor did it', () => {
  const trails = (organizationId: string, actor: AuditEvent['actor']) => trailsOf({ organizationId, actor });
  expect(trails('org_a', 'user#usr_vendor#')).toEqual(['org_a']);
  expect(trails('org_a', 'vendor#sub')).toEqual(['org_a', 'vendor']);
  expect(trails('vendor', 'vendor#sub')).toEqual(['vendor']);
});

describe('docs/audit.md', () => {
  const text = readFileSync('docs/audit.md', 'utf8');
  const rows = [...text.matchAll(/^\| `(\S+)` \| [^|]+ \| (\S+) \| `({.+})` \|$/gm)].map(
    ([, action, target, details]) => ({
      action: action as AuditAction,
      target,
      details: JSON.parse(details as string),
    }),
  );
  /** The names of all fields, at every depth. */
  const shapeOf = (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shapeOf(part)]))
      : typeof value;

  it('has every action of the events once', () => {
    const actions = new Set(events.map(([, , , { action }]) => action));
    expect(rows.map(({ action }) => action)).toEqual(AuditAction.options.filter((action) => actions.has(action)));
    expect(actions.size).toBeGreaterThan(20);
  });
  it.each(rows)('shows the target and the details of an event: $action', ({ action, target, details }) => {
    const [, before, after] = events.find(([, , , expected]) => expected.action === action) ?? [];
    const event = told(before, after);
    expect(event?.target.type).toBe(target);
    expect(shapeOf(details)).toEqual(shapeOf(event?.details));
  });
  it('shows an event as the API returns it', () => {
    const [, example = ''] = /```json\n([^`]+)```/.exec(text) ?? [];
    expect(AuditEventBody.strict().parse(JSON.parse(example))).toEqual(JSON.parse(example));
    expect(shapeOf(JSON.parse(example).details)).toEqual(shapeOf(told(session, ended)?.details));
  });
});
