import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import DatePicker from '@cloudscape-design/components/date-picker';
import FormField from '@cloudscape-design/components/form-field';
import Link from '@cloudscape-design/components/link';
import { useState } from 'react';
import { useClient } from '../../api/client.tsx';
import { useList } from '../../api/use-list.ts';
import { timeColumn } from '../../components/columns.tsx';
import { Empty } from '../../components/empty.tsx';
import { ListTable } from '../../components/list-table.tsx';
import { useDebounced } from '../../components/use-debounced.ts';
import { useOrganizations } from '../../organization/organization.tsx';
import { Page } from '../../shell/page.tsx';
import { usePanel } from '../../shell/panel.tsx';
import { organizationPath } from '../../shell/paths.ts';
import { useLinkHandler } from '../../shell/use-link-handler.ts';
import { auditSentence } from '../organization/audit-sentence.ts';
import { beginningOf, Details as EventDetails } from '../organization/audit-trail.tsx';

/** Returns a user by its ID: the vendor knows no names of members. */
const nameOf = (userId: string) => userId;

/** What the vendor did: in its catalogue, and in organizations. */
const VendorAudit = () => {
  const client = useClient();
  const onFollow = useLinkHandler();
  const show = usePanel();
  const [days, setDays] = useState({ first: '', last: '' });
  const { first, last } = useDebounced(days);
  const range = { from: beginningOf(first), to: beginningOf(last, 1) };
  const filtered = range.from !== undefined || range.to !== undefined;
  const list = useList(
    ['vendor-audit-events', range],
    (query) => client.listVendorAuditEvents({ ...range, ...query }),
    { loadAll: filtered },
  );
  const organizations = useOrganizations();
  const names = new Map(organizations.items.map(({ id, name }) => [id, name]));
  return (
    <Page
      title="Vendor audit"
      description="What you did as the vendor: in the catalogue, and in organizations. Without a first day: of the last 30 days."
    >
      <ColumnLayout columns={4} minColumnWidth={170}>
        <FormField label="From">
          <DatePicker
            value={days.first}
            placeholder="YYYY/MM/DD"
            onChange={({ detail }) => setDays({ ...days, first: detail.value })}
            openCalendarAriaLabel={() => 'Choose the first day'}
          />
        </FormField>
        <FormField label="Until">
          <DatePicker
            value={days.last}
            placeholder="YYYY/MM/DD"
            onChange={({ detail }) => setDays({ ...days, last: detail.value })}
            openCalendarAriaLabel={() => 'Choose the last day'}
          />
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
          event.organizationId,
          names.get(event.organizationId ?? ''),
          event.actor.id,
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
            id: 'organization',
            header: 'Organization',
            sortingField: 'organizationId',
            minWidth: 140,
            cell: ({ organizationId }) =>
              organizationId && (
                <Link href={organizationPath(organizationId, 'products')} onFollow={onFollow}>
                  {names.get(organizationId) ?? organizationId}
                </Link>
              ),
          },
          {
            id: 'details',
            header: 'Details',
            minWidth: 110,
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
        empty={<Empty title="No events">No event matches. Choose another time; new events appear by themselves.</Empty>}
      />
    </Page>
  );
};

export default VendorAudit;
