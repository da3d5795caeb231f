import ColumnLayout from '@cloudscape-design/components/column-layout';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Session } from '../../../../client/index.ts';
import { useClient } from '../../../api/client.tsx';
import { SEARCHED_ITEMS, useList } from '../../../api/use-list.ts';
import { emailColumn, idColumn, personColumn, timeColumn } from '../../../components/columns.tsx';
import { Empty } from '../../../components/empty.tsx';
import { isMachineId, MachineField } from '../../../components/fields/machine-field.tsx';
import { useUrlState } from '../../../components/list/use-url-state.ts';
import { ListTable } from '../../../components/list-table.tsx';
import { Status } from '../../../components/status.tsx';
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
  const url = useUrlState();
  const userId = url.get('user');
  const machine = url.get('machine') ?? '';
  const typed = useDebounced(machine);
  const machineId = isMachineId(typed) ? typed : undefined;
  const filters = { ...productRef(product), ...range, userId, machineId };
  const unfiltered = { ...productRef(product), ...range, userId: undefined, machineId: undefined };
  const key = productKey(product, 'sessions');
  // Former members with sessions in the range may be chosen, too.
  const latest = useList([...key, unfiltered], (query) => client.listSessions({ ...unfiltered, ...query }));
  const list = useList([...key, filters], (query) => client.listSessions({ ...filters, ...query }));
  return (
    <SpaceBetween size="m">
      <ColumnLayout columns={2}>
        <MemberSelect
          label="User"
          value={userId}
          onChange={(user) => url.set({ user, page: undefined })}
          onChoose={() => latest.need(SEARCHED_ITEMS)}
          noneLabel="Anybody"
          former={latest.items.map((session) => ({ userId: session.userId, ...userOf(session) }))}
          description="Of the sessions."
        />
        <MachineField
          label="Machine"
          description="The whole machine ID."
          value={machine}
          onChange={(typing) => url.type({ machine: typing, page: undefined })}
        />
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
        csv={{
          name: reportFile('License Utilization', organization, range),
          pieces: () => client.listSessionsCsv(filters),
        }}
        columns={[
          { ...personColumn('User', userOf), width: 180 },
          timeColumn('activatedAt', 'Started'),
          { ...idColumn('sessionId', 'Session', 'session ID'), width: 160 },
          { ...idColumn('machineId', 'Machine', 'machine ID'), width: 160 },
          {
            id: 'took',
            header: 'Duration',
            kind: 'count',
            sortingField: 'durationSeconds',
            cell: ({ durationSeconds }) => duration(durationSeconds),
          },
          {
            id: 'waited',
            header: 'Waited',
            kind: 'count',
            sortingField: 'waitedSeconds',
            cell: ({ waitedSeconds }) => (waitedSeconds === null ? '–' : duration(waitedSeconds)),
          },
          {
            id: 'ended',
            header: 'End',
            width: 125,
            value: endText,
            cell: (session) =>
              session.endedReason === null ? <Status type="success">{endText(session)}</Status> : endText(session),
          },
          emailColumn((session: Session) => userOf(session).email),
        ]}
        empty={
          <Empty title="No session ran in this time">
            Choose another range, user or machine. A session that ends is missing for some seconds.
          </Empty>
        }
      />
    </SpaceBetween>
  );
};
