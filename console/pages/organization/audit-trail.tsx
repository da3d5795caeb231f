import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import type { AuditEvent, EventPattern } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { SEARCHED_ITEMS, useList } from '../../api/use-list.ts';
import { timeColumn } from '../../components/columns.tsx';
import { Empty } from '../../components/empty.tsx';
import { DateField } from '../../components/fields/date-field.tsx';
import type { Column } from '../../components/list/column.ts';
import { useUrlState } from '../../components/list/use-url-state.ts';
import { ListTable } from '../../components/list-table.tsx';
import { dayText } from '../../components/time/format-time.ts';
import { isDay } from '../../components/time/local-day.ts';
import { useDebounced } from '../../components/use-debounced.ts';
import { MemberSelect } from '../../organization/member-select.tsx';
import { useOrganization } from '../../organization/organization.tsx';
import { useNameOf } from '../../organization/use-members.ts';
import { Page } from '../../shell/page.tsx';
import { usePanel } from '../../shell/panel.tsx';
import { actionText, auditActions, auditKinds, auditSentence } from './audit-sentence.ts';
import { EventDetails } from './event-details.tsx';

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
  const url = useUrlState();
  const choose = (part: Record<string, string | undefined>) => url.set({ ...part, page: undefined });
  const type = (part: Record<string, string>) => url.type({ ...part, page: undefined });
  const actor = url.get('who');
  const action = url.get('kind') as EventPattern | undefined;
  const product = url.get('product');
  const typed = { firstDay: url.get('from') ?? '', lastDay: url.get('until') ?? '', target: url.get('target') ?? '' };
  const firstDay = useDebounced(typed.firstDay);
  const lastDay = useDebounced(typed.lastDay);
  const target = useDebounced(typed.target);
  const filters = {
    from: beginningOf(firstDay),
    to: beginningOf(lastDay, 1),
    actor,
    action,
    product,
    target: target.trim() || undefined,
  };
  // Former members who did something in the range may be chosen, too.
  const unfiltered = { from: filters.from, to: filters.to };
  const latest = useList(['audit-events', organizationId, unfiltered], (query) =>
    client.listAuditEvents({ organizationId, ...unfiltered, ...query }),
  );
  const list = useList(['audit-events', organizationId, filters], (query) =>
    client.listAuditEvents({ organizationId, ...filters, ...query }),
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
  const actions = auditActions.map((value) => ({ value, label: actionText(value), filteringTags: [value] }));
  const kinds = [any, ...auditKinds, ...actions];
  const ofProducts = [any, ...products.items.map((item) => ({ value: item.product, label: item.productName }))];
  return (
    <Page
      title="Audit trail"
      description={`What happened in ${name}, and who did it: newest first, ${timeText(firstDay, lastDay)}.`}
    >
      <ColumnLayout columns={4} minColumnWidth={200}>
        <FormField label="Kind">
          <Select
            selectedOption={kinds.find(({ value }) => value === (action ?? '')) ?? any}
            options={kinds}
            filteringType="auto"
            filteringAriaLabel="Find kinds"
            onChange={({ detail }) => choose({ kind: detail.selectedOption.value })}
          />
        </FormField>
        <MemberSelect
          label="Who"
          value={actor}
          onChange={(who) => choose({ who })}
          onChoose={() => latest.need(SEARCHED_ITEMS)}
          noneLabel="Anybody"
          former={latest.items.flatMap(personOf)}
        />
        <FormField label="From">
          <DateField
            value={typed.firstDay}
            placeholder="YYYY/MM/DD"
            onChange={({ detail }) => type({ from: detail.value })}
            openCalendarAriaLabel={() => 'Choose the first day'}
          />
        </FormField>
        <FormField label="Until">
          <DateField
            value={typed.lastDay}
            placeholder="YYYY/MM/DD"
            onChange={({ detail }) => type({ until: detail.value })}
            openCalendarAriaLabel={() => 'Choose the last day'}
          />
        </FormField>
      </ColumnLayout>
      <ColumnLayout columns={4} minColumnWidth={200}>
        <FormField label="Product">
          <Select
            selectedOption={ofProducts.find(({ value }) => value === (product ?? '')) ?? any}
            options={ofProducts}
            onChange={({ detail }) => choose({ product: detail.selectedOption.value })}
          />
        </FormField>
        <FormField label="What it happened to" description="The ID of a user, a session or a machine.">
          <Input value={typed.target} onChange={({ detail }) => type({ target: detail.value })} spellcheck={false} />
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
          actionText(event.action),
          event.actor.email ?? event.actor.id,
          event.actor.type.replaceAll('-', ' '),
          event.target.id,
        ]}
        columns={[
          timeColumn('at', 'When'),
          {
            id: 'what',
            header: 'What happened',
            kind: 'sentence',
            sortingField: 'action',
            value: (event) => auditSentence(event, nameOf),
            isRowHeader: true,
            cell: (event) => <span title={auditSentence(event, nameOf)}>{auditSentence(event, nameOf)}</span>,
          },
          ...facts,
          {
            id: 'details',
            header: 'Details',
            kind: 'action',
            cell: (event) => (
              <Button
                variant="inline-link"
                ariaLabel={`Details: ${auditSentence(event, nameOf)}`}
                onClick={() => show({ header: 'Event', content: <EventDetails {...event} /> })}
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

/** The fields of an event as columns, for a file and for users who choose them. */
const facts: Column<AuditEvent>[] = [
  { header: 'Action', value: ({ action }: AuditEvent) => action },
  { header: 'Actor', value: ({ actor }: AuditEvent) => actor.email ?? actor.id },
  { header: 'Product', value: ({ product }: AuditEvent) => product },
  { header: 'Target', value: ({ target }: AuditEvent) => target.id },
].map((fact) => ({
  ...fact,
  id: fact.header.toLowerCase(),
  optional: true,
  cell: (event) => fact.value(event) ?? '–',
}));

/** Returns the member who did it, directly or through an API key; the vendor and the service are no members. */
const personOf = ({ actor: { type, id, userId = id, email = userId } }: AuditEvent) =>
  type === 'user' || type === 'api-key' ? [{ userId, name: email, email }] : [];

export default AuditTrail;
