import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import type { ApiKey, KeyScope } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useList } from '../../api/use-list.ts';
import { idColumn, timeColumn } from '../../components/columns.tsx';
import { Empty } from '../../components/empty.tsx';
import { ListTable } from '../../components/list-table.tsx';
import { useOrganization } from '../../organization/organization.tsx';
import { useEmailOf } from '../../organization/use-members.ts';
import { Page } from '../../shell/page.tsx';
import { useRequestedAction } from '../../shell/palette/requested-action.ts';
import { CreateApiKey } from './create-api-key.tsx';
import { RevokeApiKeys } from './revoke-api-keys.tsx';

type Open = { dialog: 'create' } | { dialog: 'revoke'; keys: readonly ApiKey[] };

/** The API keys of runners and scripts. */
const ApiKeys = () => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  const emailOf = useEmailOf();
  const [open, setOpen] = useState<Open>();
  useRequestedAction('create', () => setOpen({ dialog: 'create' }));
  const list = useList(['api-keys', organizationId], (query) => client.listApiKeys({ organizationId, ...query }));
  const create = (
    <Button variant="primary" onClick={() => setOpen({ dialog: 'create' })}>
      Create API key
    </Button>
  );
  const close = () => setOpen(undefined);
  return (
    <Page title="API keys" description="Runners and scripts sign in with API keys. A key acts as its member.">
      <ListTable
        title="API keys"
        nouns={['API key', 'API keys']}
        list={list}
        idOf={({ id }) => id}
        nameOf={({ name }) => name}
        searchTextOf={({ id, name, userId, createdBy, scope }) => [
          name,
          id,
          emailOf(userId),
          emailOf(createdBy),
          scopeText(scope),
        ]}
        columns={[
          {
            id: 'name',
            header: 'Name',
            kind: 'person',
            width: 180,
            sortingField: 'name',
            isRowHeader: true,
            cell: ({ name }) => name,
          },
          timeColumn('lastUsedAt', 'Last used', 'Not yet'),
          {
            id: 'member',
            header: 'Acts as',
            kind: 'email',
            value: ({ userId }) => emailOf(userId),
            cell: ({ userId }) => emailOf(userId),
          },
          timeColumn('expiresAt', 'Expires', 'Never'),
          {
            id: 'scope',
            header: 'May',
            kind: 'status',
            value: ({ scope }) => scopeText(scope),
            cell: ({ scope }) => scopeText(scope),
          },
          { ...idColumn('id', 'Key ID', 'key ID'), optional: true },
          {
            id: 'maker',
            header: 'Created by',
            kind: 'email',
            optional: true,
            value: ({ createdBy }) => emailOf(createdBy),
            cell: ({ createdBy }) => emailOf(createdBy),
          },
          {
            id: 'maximum',
            header: 'Sessions at once',
            kind: 'count',
            optional: true,
            sortingField: 'maxSessions',
            cell: ({ maxSessions }) => maxSessions ?? 'The quota',
          },
        ]}
        create={create}
        actions={(keys) => (
          <Button disabled={keys.length === 0} onClick={() => setOpen({ dialog: 'revoke', keys })}>
            Revoke
          </Button>
        )}
        empty={
          <Empty title="No API key yet" action={create}>
            Create one for each runner or pipeline, so that you can revoke each separately.
          </Empty>
        }
      />
      {open?.dialog === 'create' && <CreateApiKey onClose={close} />}
      {open?.dialog === 'revoke' && <RevokeApiKeys keys={open.keys} onClose={close} />}
    </Page>
  );
};

const scopeText = (scope: KeyScope) => (scope === 'activate' ? 'Use licenses' : 'All that its member may');

export default ApiKeys;
