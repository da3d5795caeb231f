import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import type { OfflineLicense } from '../../../../client/index.ts';
import { useClient } from '../../../api/client.tsx';
import { runForEach } from '../../../api/run-for-each.ts';
import { useAction } from '../../../api/use-action.ts';
import { useList } from '../../../api/use-list.ts';
import { idColumn, timeColumn } from '../../../components/columns.tsx';
import { Empty } from '../../../components/empty.tsx';
import { ListTable } from '../../../components/list-table.tsx';
import { saveFile } from '../../../components/save-file.ts';
import { Status } from '../../../components/status.tsx';
import { VendorName } from '../../../organization/vendor-contact.tsx';
import { useRequestedAction } from '../../../shell/palette/requested-action.ts';
import { productKey, productRef, useProduct, whyUnusable } from '../use-product.ts';
import { IssueOfflineLicense } from './issue-offline-license.tsx';

const statusText: Record<OfflineLicense['status'], string> = { active: 'Active', expired: 'Expired', voided: 'Voided' };

/** The offline licenses: files bound to machines without a network. */
const OfflineLicenses = () => {
  const product = useProduct();
  const client = useClient();
  const unusable = whyUnusable(product);
  const mayIssue = product.offline.allowed && unusable === undefined;
  const [issuing, setIssuing] = useState(false);
  useRequestedAction('create', () => setIssuing(mayIssue));
  const list = useList(productKey(product, 'offline-licenses'), (query) =>
    client.listOfflineLicenses({ ...productRef(product), ...query }),
  );
  const download = useAction({
    run: (licenses: readonly OfflineLicense[]) =>
      runForEach(
        licenses,
        ({ fileName }) => fileName,
        async ({ id, fileName }) =>
          saveFile(
            fileName,
            [await client.getOfflineLicenseFile({ ...productRef(product), licenseId: id })],
            'application/jose',
          ),
      ),
    done: (_, licenses) => `Downloaded ${licenses.map(({ fileName }) => fileName).join(', ')}.`,
    invalidates: [],
  });
  const issue = (
    <Button variant="primary" disabled={!mayIssue} disabledReason={unusable} onClick={() => setIssuing(true)}>
      Create offline license
    </Button>
  );
  return (
    <>
      <ListTable
        title="Offline licenses"
        nouns={['offline license', 'offline licenses']}
        description={
          product.offline.allowed ? (
            'Each is bound to one machine and counts against the quota until it expires.'
          ) : (
            <>
              This subscription does not allow them: ask <VendorName />.
            </>
          )
        }
        list={list}
        idOf={({ id }) => id}
        nameOf={({ machineId }) => machineId}
        searchTextOf={({ machineId, status, description }) => [machineId, status, description]}
        columns={[
          { ...idColumn('machineId', 'Machine', 'machine ID'), isRowHeader: true },
          {
            id: 'status',
            header: 'Status',
            kind: 'status',
            sortingField: 'status',
            cell: ({ status }) => (
              <Status type={status === 'active' ? 'success' : 'stopped'}>{statusText[status]}</Status>
            ),
          },
          timeColumn('expiresAt', 'Expires'),
          timeColumn('issuedAt', 'Created'),
          {
            id: 'description',
            header: 'Description',
            sortingField: 'description',
            cell: ({ description }) => description ?? '–',
          },
        ]}
        create={issue}
        actions={(selected) => (
          <Button
            iconName="download"
            disabled={selected.length === 0}
            loading={download.running}
            onClick={() => download.run(selected)}
          >
            Download
          </Button>
        )}
        empty={
          <Empty title="No offline license yet" action={issue}>
            {unusable ??
              'For a machine without a network: create a license for its machine ID, and bring the file there.'}
          </Empty>
        }
      />
      {issuing && (
        <IssueOfflineLicense onClose={() => setIssuing(false)} onIssued={(license) => download.run([license])} />
      )}
    </>
  );
};

export default OfflineLicenses;
