import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import type { Session } from '../../../../client/index.ts';
import { useClient } from '../../../api/client.tsx';
import { useAction } from '../../../api/use-action.ts';
import { useList } from '../../../api/use-list.ts';
import { idColumn, timeColumn } from '../../../components/columns.tsx';
import { Empty } from '../../../components/empty.tsx';
import { isMachineId, MachineField } from '../../../components/fields/machine-field.tsx';
import { ListTable } from '../../../components/list-table.tsx';
import { Person } from '../../../components/person.tsx';
import { saveFile } from '../../../components/save-file.ts';
import { duration } from '../../../components/time/format-time.ts';
import { useDebounced } from '../../../components/use-debounced.ts';
import { MemberSelect } from '../../../organization/member-select.tsx';
import { useOrganization } from '../../../organization/organization.tsx';
import { productKey, productRef, useProduct } from '../use-product.ts';
import { type ReportRange, reportFile } from './report-range.ts';

/** Returns the user of a session, as far as known. */
const userOf = ({ userId, userName, userEmail }: Session) => ({
  name: userName ?? userEmail ?? userId,
  email: userEmail ?? userId,
});

const endText = ({ endedReason }: Session) => endedReason?.replaceAll('-', ' ') ?? 'Runs';

/** The sessions of a range, also of former members and machines. */
export const Sessions = ({ range }: { range: ReportRange }) => {
  const product = useProduct();
  const organization = useOrganization();
  const client = useClient();
  const [userId, setUserId] = useState<string>();
  const [machine, setMachine] = useState('');
  const typed = useDebounced(machine);
  const machineId = isMachineId(typed) ? typed : undefined;
  const [choosing, setChoosing] = useState(false);
  const filters = { ...productRef(product), ...range, userId, machineId };
  const unfiltered = { ...productRef(product), ...range, userId: undefined, machineId: undefined };
  const key = productKey(product, 'sessions');
  // Former members with sessions in the range may be chosen, too.
  const all = useList([...key, unfiltered], (query) => client.listSessions({ ...unfiltered, ...query }), {
    loadAll: choosing,
  });
  const list = useList(
    [...key, filters],
    (query) => client.listSessions({ ...filters, ...query }),
    // A page of a filtered list may be empty though the next one is not.
    { loadAll: userId !== undefined || machineId !== undefined },
  );
  const download = useAction({
    run: async () => {
      const pieces = await Array.fromAsync(client.listSessionsCsv(filters));
      saveFile(reportFile('License Utilization', organization, range), pieces, 'text/csv');
    },
    done: () => 'The sessions were downloaded.',
    invalidates: [],
  });
  return (
    <SpaceBetween size="m">
      <ColumnLayout columns={2}>
        <MemberSelect
          label="User"
          value={userId}
          onChange={setUserId}
          onChoose={() => setChoosing(true)}
          noneLabel="Anybody"
          former={all.items.map((session) => ({ userId: session.userId, ...userOf(session) }))}
          description="Of the sessions."
        />
        <MachineField label="Machine" description="The whole machine ID." value={machine} onChange={setMachine} />
      </ColumnLayout>
      <ListTable
        title="Sessions"
        nouns={['session', 'sessions']}
        list={list}
        idOf={({ sessionId, seat, fence }) => `${sessionId} ${seat} ${fence}`}
        searchTextOf={(session) => [
          ...Object.values(userOf(session)),
          session.sessionId,
          session.machineId,
          endText(session),
        ]}
        description={
          <Button variant="inline-link" loading={download.running} onClick={() => download.run()}>
            Download sessions as CSV
          </Button>
        }
        columns={[
          {
            id: 'user',
            header: 'User',
            sortingComparator: (a, b) => userOf(a).name.localeCompare(userOf(b).name),
            isRowHeader: true,
            cell: (session) => <Person {...userOf(session)} />,
          },
          { ...idColumn('sessionId', 'Session', 'session ID'), minWidth: 145 },
          { ...idColumn('machineId', 'Machine', 'machine ID'), minWidth: 135 },
          timeColumn('activatedAt', 'Started'),
          {
            id: 'took',
            header: 'Duration',
            sortingField: 'durationSeconds',
            cell: ({ durationSeconds }) => duration(durationSeconds),
          },
          {
            id: 'waited',
            header: 'Waited',
            sortingField: 'waitedSeconds',
            cell: ({ waitedSeconds }) => (waitedSeconds === null ? '–' : duration(waitedSeconds)),
          },
          {
            id: 'ended',
            header: 'End',
            sortingField: 'endedReason',
            cell: (session) =>
              session.endedReason === null ? (
                <StatusIndicator type="success">{endText(session)}</StatusIndicator>
              ) : (
                endText(session)
              ),
          },
        ]}
        empty={
          <Empty title="No session ran in this time">
            Choose another range, user or machine. A new session appears some seconds after it began.
          </Empty>
        }
      />
    </SpaceBetween>
  );
};
