import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Link from '@cloudscape-design/components/link';
import { useClient } from '../../api/client.tsx';
import { useList } from '../../api/use-list.ts';
import { timeColumn } from '../../components/columns.tsx';
import { Empty } from '../../components/empty.tsx';
import { DateField } from '../../components/fields/date-field.tsx';
import { useUrlState } from '../../components/list/use-url-state.ts';
import { ListTable } from '../../components/list-table.tsx';
import { useDebounced } from '../../components/use-debounced.ts';
import { useOrganizations } from '../../organization/organization.tsx';
import { Page } from '../../shell/page.tsx';
import { usePanel } from '../../shell/panel.tsx';
import { organizationPath } from '../../shell/paths.ts';
import { useLinkHandler } from '../../shell/use-link-handler.ts';
import { auditSentence } from '../organization/audit-sentence.ts';
import { beginningOf } from '../organization/audit-trail.tsx';
import { EventDetails } from '../organization/event-details.tsx';

/** Returns a user by its ID: the vendor knows no names of members. */
const nameOf = (userId: string) => userId;

/** The vendor's own acts: in its catalogue, and in organizations. */
const VendorAudit = () => {
  const client = useClient();
  const onFollow = useLinkHandler();
  const show = usePanel();
  const url = useUrlState();
  const type = (part: Record<string, string>) => url.type({ ...part, page: undefined });
  const [firstDay, lastDay] = [url.get('from') ?? '', url.get('until') ?? ''];
  const range = { from: beginningOf(useDebounced(firstDay)), to: beginningOf(useDebounced(lastDay), 1) };
  const list = useList(['vendor-audit-events', range], (query) => client.listVendorAuditEvents({ ...range, ...query }));
  const organizations = useOrganizations();
  const names = new Map(organizations.items.map(({ id, name }) => [id, name]));
  return (
    <Page
      title="Vendor audit"
      description="What you did as the vendor: in the catalogue, and in organizations. Without a first day: of the last 30 days."
    >
      <ColumnLayout columns={4} minColumnWidth={200}>
        <FormField label="From">
          <DateField
            value={firstDay}
            placeholder="YYYY/MM/DD"
            onChange={({ detail }) => type({ from: detail.value })}
            openCalendarAriaLabel={() => 'Choose the first day'}
          />
        </FormField>
        <FormField label="Until">
          <DateField
            value={lastDay}
            placeholder="YYYY/MM/DD"
            onChange={({ detail }) => type({ until: detail.value })}
            openCalendarAriaLabel={() => 'Choose the last day'}
          />
        </FormField>
      </ColumnLayout>
      <ListTable
        title="Events"
        nouns={['event', 'events']}
        keptAs="vendor-events"
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
          timeColumn('at', 'When'),
          {
            id: 'what',
            header: 'What happened',
            kind: 'sentence',
            width: 490,
            sortingField: 'action',
            value: (event) => auditSentence(event, nameOf),
            isRowHeader: true,
            cell: (event) => <span title={auditSentence(event, nameOf)}>{auditSentence(event, nameOf)}</span>,
          },
          {
            id: 'organization',
            header: 'Organization',
            kind: 'person',
            value: ({ organizationId }) => organizationId && (names.get(organizationId) ?? organizationId),
            cell: ({ organizationId }) =>
              organizationId ? (
                <Link href={organizationPath(organizationId, 'products')} onFollow={onFollow}>
                  {names.get(organizationId) ?? organizationId}
                </Link>
              ) : (
                '–'
              ),
          },
          {
            id: 'actor',
            header: 'Sign-in',
            optional: true,
            value: ({ actor }) => actor.id,
            cell: ({ actor }) => actor.id,
          },
          {
            id: 'details',
            header: 'Details',
            kind: 'action',
            width: 110,
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
