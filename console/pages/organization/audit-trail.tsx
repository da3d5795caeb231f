import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import DatePicker from '@cloudscape-design/components/date-picker';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import type { AuditEvent, EventPattern } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useList } from '../../api/use-list.ts';
import { timeColumn } from '../../components/columns.tsx';
import { Empty } from '../../components/empty.tsx';
import { ListTable } from '../../components/list-table.tsx';
import { dayText } from '../../components/time/format-time.ts';
import { isDay } from '../../components/time/local-day.ts';
import { useDebounced } from '../../components/use-debounced.ts';
import { MemberSelect } from '../../organization/member-select.tsx';
import { useOrganization } from '../../organization/organization.tsx';
import { useNameOf } from '../../organization/use-members.ts';
import { Page } from '../../shell/page.tsx';
import { usePanel } from '../../shell/panel.tsx';
import { auditActions, auditKinds, auditSentence, nameText, valueText } from './audit-sentence.ts';

/** Returns the start of a day in the user's time zone, plus `days`, as ISO 8601; undefined for an incomplete day. */
export const beginningOf = (day: string, days = 0): string | undefined => {
  if (!isDay(day)) return undefined;
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + days);
  return date.toISOString();
};

/** Describes the shown range; without a first day it has the service's default length. */
const timeText = (firstDay: string, lastDay: string) => {
  if (!isDay(firstDay)) return isDay(lastDay) ? `the 30 days until ${dayText(lastDay)}` : 'the last 30 days';
  return isDay(lastDay) ? `from ${dayText(firstDay)} to ${dayText(lastDay)}` : `since ${dayText(firstDay)}`;
};

/** The audit events of the organization. */
const AuditTrail = () => {
  const { id: organizationId, name } = useOrganization();
  const client = useClient();
  const [filter, setFilter] = useState({
    firstDay: '',
    lastDay: '',
    actor: undefined as string | undefined,
    action: undefined as EventPattern | undefined,
    product: undefined as string | undefined,
    target: '',
  });
  const change = (part: Partial<typeof filter>) => setFilter({ ...filter, ...part });
  const { firstDay, lastDay, actor, action, product, target } = useDebounced(filter);
  const filters = {
    from: beginningOf(firstDay),
    to: beginningOf(lastDay, 1),
    actor,
    action,
    product,
    target: target.trim() || undefined,
  };
  // A page of a filtered list may be empty while the next is not: load all.
  const filtered = Object.values(filters).some((value) => value !== undefined);
  // Former members who did something in the range may be chosen, too.
  const unfiltered = { from: filters.from, to: filters.to };
  const [choosing, setChoosing] = useState(false);
  const all = useList(
    ['audit-events', organizationId, unfiltered],
    (query) => client.listAuditEvents({ organizationId, ...unfiltered, ...query }),
    { loadAll: choosing },
  );
  const list = useList(
    ['audit-events', organizationId, filters],
    (query) => client.listAuditEvents({ organizationId, ...filters, ...query }),
    { loadAll: filtered },
  );
  const memberName = useNameOf();
  // Of a former member, the events that it made have the address.
  const emails = new Map(list.items.flatMap(personOf).map(({ userId, email }) => [userId, email]));
  const nameOf = (userId: string) => {
    const known = memberName(userId);
    return known === userId ? (emails.get(userId) ?? userId) : known;
  };
  const show = usePanel();
  const products = useList(
    ['products', organizationId],
    (query) => client.listSubscriptions({ organizationId, ...query }),
    { loadAll: true },
  );
  const any = { value: '', label: 'Any' };
  const kinds = [any, ...auditKinds, ...auditActions.map((value) => ({ value, label: value }))];
  const ofProducts = [any, ...products.items.map((item) => ({ value: item.product, label: item.productName }))];
  return (
    <Page
      title="Audit trail"
      description={`What happened in ${name}, and who did it: newest first, ${timeText(firstDay, lastDay)}.`}
    >
      <ColumnLayout columns={4} minColumnWidth={170}>
        <FormField label="Kind">
          <Select
            selectedOption={kinds.find(({ value }) => value === (filter.action ?? '')) ?? any}
            options={kinds}
            filteringType="auto"
            filteringAriaLabel="Find kinds"
            onChange={({ detail }) => change({ action: (detail.selectedOption.value || undefined) as EventPattern })}
          />
        </FormField>
        <MemberSelect
          label="Who"
          value={filter.actor}
          onChange={(userId) => change({ actor: userId })}
          onChoose={() => setChoosing(true)}
          noneLabel="Anybody"
          former={all.items.flatMap(personOf)}
        />
        <FormField label="From">
          <DatePicker
            value={filter.firstDay}
            placeholder="YYYY/MM/DD"
            onChange={({ detail }) => change({ firstDay: detail.value })}
            openCalendarAriaLabel={() => 'Choose the first day'}
          />
        </FormField>
        <FormField label="Until">
          <DatePicker
            value={filter.lastDay}
            placeholder="YYYY/MM/DD"
            onChange={({ detail }) => change({ lastDay: detail.value })}
            openCalendarAriaLabel={() => 'Choose the last day'}
          />
        </FormField>
      </ColumnLayout>
      <ColumnLayout columns={4} minColumnWidth={170}>
        <FormField label="Product">
          <Select
            selectedOption={ofProducts.find(({ value }) => value === (filter.product ?? '')) ?? any}
            options={ofProducts}
            onChange={({ detail }) => change({ product: detail.selectedOption.value || undefined })}
          />
        </FormField>
        <FormField label="What it happened to" description="The ID of a user, a session or a machine.">
          <Input value={filter.target} onChange={({ detail }) => change({ target: detail.value })} spellcheck={false} />
        </FormField>
      </ColumnLayout>
      <ListTable
        title="Events"
        nouns={['event', 'events']}
        list={list}
        idOf={({ id }) => id}
        searchTextOf={(event) => [
          auditSentence(event, nameOf),
          event.action,
          event.actor.email ?? event.actor.id,
          event.actor.type.replaceAll('-', ' '),
          event.target.id,
        ]}
        columns={[
          { ...timeColumn('at', 'When'), minWidth: 185 },
          {
            id: 'what',
            header: 'What happened',
            sortingField: 'action',
            isRowHeader: true,
            cell: (event) => auditSentence(event, nameOf),
          },
          {
            id: 'details',
            header: 'Details',
            minWidth: 110,
            cell: (event) => (
              <Button
                variant="inline-link"
                ariaLabel={`Details: ${auditSentence(event, nameOf)}`}
                onClick={() => show({ header: 'Event', content: <Details {...event} /> })}
              >
                Details
              </Button>
            ),
          },
        ]}
        empty={
          <Empty title="No events">
            No event matches. Choose another time or another filter; new events appear by themselves.
          </Empty>
        }
      />
    </Page>
  );
};

/** Returns the member who did it, directly or through an API key; the vendor and the service are no members. */
const personOf = ({ actor: { type, id, userId = id, email = userId } }: AuditEvent) =>
  type === 'user' || type === 'api-key' ? [{ userId, name: email, email }] : [];

/** Returns the fields of an event, each with its path as words. */
const fieldsOf = ({ id, at, action, actor, target, product, details }: AuditEvent) => {
  const flat = (value: unknown, path: string): { name: string; value: string }[] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([name, inner]) =>
          flat(inner, path ? `${path}, ${nameText(name)}` : nameText(name)),
        )
      : [{ name: path, value: valueText(value) }];
  return flat({ action, at, product, actor, target, ...details, eventId: id }, '');
};

/** All fields of an event, as a table. */
export const Details = (event: AuditEvent) => (
  <Table
    variant="embedded"
    wrapLines
    items={fieldsOf(event)}
    trackBy="name"
    columnDefinitions={[
      { id: 'name', header: 'Field', isRowHeader: true, cell: ({ name }) => name },
      { id: 'value', header: 'Value', cell: ({ value }) => value },
    ]}
  />
);

export default AuditTrail;
