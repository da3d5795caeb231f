import Box from '@cloudscape-design/components/box';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import DatePicker from '@cloudscape-design/components/date-picker';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { useState } from 'react';
import type { AuditAction, AuditEvent } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useList } from '../../api/use-list.ts';
import { timeColumn } from '../../components/columns.tsx';
import { Copyable } from '../../components/copyable.tsx';
import { Empty } from '../../components/empty.tsx';
import { ListTable } from '../../components/list-table.tsx';
import { dayText } from '../../components/time/format-time.ts';
import { isDay } from '../../components/time/local-day.ts';
import { useDebounced } from '../../components/use-debounced.ts';
import { MemberSelect } from '../../organization/member-select.tsx';
import { useOrganization } from '../../organization/organization.tsx';
import { Page } from '../../shell/page.tsx';
import { auditActions } from './audit-actions.ts';

/** Returns the start of a day in the user's time zone, plus `days`, as ISO 8601; undefined for an incomplete day. */
const beginningOf = (day: string, days = 0): string | undefined => {
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
    action: undefined as AuditAction | undefined,
    target: '',
  });
  const change = (part: Partial<typeof filter>) => setFilter({ ...filter, ...part });
  const { firstDay, lastDay, actor, action, target } = useDebounced(filter);
  const filters = {
    from: beginningOf(firstDay),
    to: beginningOf(lastDay, 1),
    actor,
    action,
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
  const anyAction = { value: '', label: 'Any' };
  const actions = [anyAction, ...auditActions.map((value) => ({ value, label: value }))];
  return (
    <Page
      title="Audit trail"
      description={`What happened in ${name}, and who did it: newest first, ${timeText(firstDay, lastDay)}.`}
    >
      <ColumnLayout columns={4} minColumnWidth={170}>
        <FormField label="Action">
          <Select
            selectedOption={actions.find(({ value }) => value === (filter.action ?? '')) ?? anyAction}
            options={actions}
            filteringType="auto"
            filteringAriaLabel="Find actions"
            onChange={({ detail }) => change({ action: (detail.selectedOption.value || undefined) as AuditAction })}
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
      <FormField
        label="What it happened to"
        description="Its ID: of a user, a session, a machine; a product by its code."
      >
        <Input value={filter.target} onChange={({ detail }) => change({ target: detail.value })} spellcheck={false} />
      </FormField>
      <ListTable
        title="Events"
        nouns={['event', 'events']}
        list={list}
        idOf={({ id }) => id}
        searchTextOf={({ action: what, actor: who, target: on, product, details }) => [
          what,
          who.email ?? who.id,
          withSpaces(who.type),
          on.id,
          withSpaces(on.type),
          product,
          JSON.stringify(details),
        ]}
        columns={[
          { ...timeColumn('at', 'When'), minWidth: 185 },
          {
            id: 'action',
            header: 'What',
            minWidth: 130,
            sortingField: 'action',
            isRowHeader: true,
            cell: ({ action: what }) => what,
          },
          { id: 'actor', header: 'Who', minWidth: 170, sortingComparator: byActor, cell: Actor },
          {
            id: 'target',
            header: 'To what',
            minWidth: 230,
            cell: ({ target: { type, id }, product }) => (
              <>
                <Copyable text={id} name={`${type} ID`} />
                <Box variant="small" display="block" color="text-body-secondary">
                  {withSpaces(type)}
                  {product !== undefined && `, ${product}`}
                </Box>
              </>
            ),
          },
          { id: 'details', header: 'Details', minWidth: 130, cell: Details },
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

const withSpaces = (type: string) => type.replaceAll('-', ' ');
const nameOf = ({ actor }: AuditEvent) => actor.email ?? actor.id;
const byActor = (a: AuditEvent, b: AuditEvent) => nameOf(a).localeCompare(nameOf(b));

/** Returns the member who did it, directly or through an API key; the vendor and the service are no members. */
const personOf = ({ actor: { type, id, userId = id, email = userId } }: AuditEvent) =>
  type === 'user' || type === 'api-key' ? [{ userId, name: email, email }] : [];

const Actor = (event: AuditEvent) => (
  <>
    {nameOf(event)}
    <Box variant="small" display="block" color="text-body-secondary">
      {withSpaces(event.actor.type)}
    </Box>
  </>
);

const Details = ({ details }: AuditEvent) =>
  Object.keys(details).length > 0 && (
    <ExpandableSection headerText="Details" variant="inline">
      <Box variant="code">{JSON.stringify(details, null, 1)}</Box>
    </ExpandableSection>
  );

export default AuditTrail;
