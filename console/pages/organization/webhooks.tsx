import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import type { ListedWebhook as Webhook } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { useAction } from '../../api/use-action.ts';
import { useList } from '../../api/use-list.ts';
import { Breakable } from '../../components/breakable.tsx';
import { timeColumn } from '../../components/columns.tsx';
import { Empty } from '../../components/empty.tsx';
import { useUrlState } from '../../components/list/use-url-state.ts';
import { ListTable } from '../../components/list-table.tsx';
import { Status } from '../../components/status.tsx';
import { Ago } from '../../components/time/time.tsx';
import { useOrganization } from '../../organization/organization.tsx';
import { Page } from '../../shell/page.tsx';
import { useRequestedAction } from '../../shell/palette/requested-action.ts';
import { ConfirmWebhook } from './confirm-webhook.tsx';
import { CreateWebhook } from './create-webhook.tsx';
import { answerText, Deliveries } from './deliveries.tsx';
import { RemoveWebhooks } from './remove-webhooks.tsx';
import { RotateSecret } from './rotate-secret.tsx';

type Open =
  | { dialog: 'create' }
  | { dialog: 'confirm' | 'rotate'; webhook: Webhook }
  | { dialog: 'remove'; webhooks: readonly Webhook[] };

/** The webhooks of the organization and their deliveries. */
const Webhooks = () => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  const [open, setOpen] = useState<Open>();
  useRequestedAction('create', () => setOpen({ dialog: 'create' }));
  const url = useUrlState();
  const list = useList(['webhooks', organizationId], (query) => client.listWebhooks({ organizationId, ...query }));
  const test = useAction({
    run: ({ id }: Webhook) => client.testWebhook({ organizationId, webhookId: id }),
    done: ({ id }, { url }) => `The test event ${id} is on the way to ${url}.`,
    invalidates: [
      ['webhooks', organizationId],
      ['deliveries', organizationId],
    ],
  });
  const shown = list.items.find(({ id }) => id === url.get('webhook'));
  const create = (
    <Button variant="primary" onClick={() => setOpen({ dialog: 'create' })}>
      Create webhook
    </Button>
  );
  const close = () => setOpen(undefined);
  return (
    <Page
      title="Webhooks"
      description="The service posts signed events to these addresses within seconds, once their targets have confirmed."
    >
      <ListTable
        title="Webhooks"
        nouns={['webhook', 'webhooks']}
        list={list}
        idOf={({ id }) => id}
        nameOf={({ url }) => url}
        searchTextOf={(webhook) => [webhook.url, ...webhook.events.map(eventsText), statusOf(webhook).text]}
        columns={[
          {
            id: 'url',
            header: 'Address',
            kind: 'wide',
            width: 310,
            sortingField: 'url',
            isRowHeader: true,
            cell: ({ url }) => (
              <span title={url}>
                <Breakable>{url}</Breakable>
              </span>
            ),
          },
          {
            id: 'status',
            header: 'Status',
            width: 200,
            value: (webhook) => statusOf(webhook).text,
            cell: (webhook) => <Status type={statusOf(webhook).type}>{statusOf(webhook).text}</Status>,
          },
          {
            id: 'failures',
            header: 'Failures',
            kind: 'wide',
            width: 320,
            value: ({ latest }) => latest.failed,
            cell: Failures,
          },
          {
            id: 'events',
            header: 'Events',
            value: ({ events }) => events.map(eventsText).join(', '),
            cell: ({ events }) => events.map(eventsText).join(', '),
          },
          { ...timeColumn('createdAt', 'Created'), optional: true },
        ]}
        actions={(webhooks) => {
          const only = webhooks.length === 1 ? webhooks[0] : undefined;
          return (
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={!only} onClick={() => url.set({ webhook: only?.id })}>
                Show deliveries
              </Button>
              <Button
                disabled={!only?.confirmedAt || only.disabledAt !== null}
                loading={test.running}
                onClick={() => only && test.run(only)}
              >
                Send test event
              </Button>
              <Button
                disabled={!only || only.confirmedAt !== null}
                onClick={() => only && setOpen({ dialog: 'confirm', webhook: only })}
              >
                Confirm
              </Button>
              <Button disabled={!only} onClick={() => only && setOpen({ dialog: 'rotate', webhook: only })}>
                Rotate secret
              </Button>
              <Button disabled={webhooks.length === 0} onClick={() => setOpen({ dialog: 'remove', webhooks })}>
                Remove
              </Button>
            </SpaceBetween>
          );
        }}
        create={create}
        empty={
          <Empty title="No webhook yet" action={create}>
            Create one to receive events: a refused license, a subscription that ends soon.
          </Empty>
        }
      />
      {shown && <Deliveries key={shown.id} webhook={shown} />}
      {open?.dialog === 'create' && <CreateWebhook onClose={close} />}
      {open?.dialog === 'confirm' && <ConfirmWebhook webhook={open.webhook} onClose={close} />}
      {open?.dialog === 'rotate' && <RotateSecret webhook={open.webhook} onClose={close} />}
      {open?.dialog === 'remove' && (
        <RemoveWebhooks
          webhooks={open.webhooks}
          onRemove={({ id }) => id === shown?.id && url.set({ webhook: undefined })}
          onClose={close}
        />
      )}
    </Page>
  );
};

/** Shows how many of the latest deliveries failed, and the last failure. */
const Failures = ({ latest: { deliveries, failed, lastFailure } }: Webhook) => {
  if (!lastFailure) return deliveries === 0 ? 'Nothing sent yet' : `None of ${deliveries}`;
  return (
    <>
      <Status type={failed === deliveries ? 'error' : 'warning'}>
        {failed} of {deliveries} ({Math.round((100 * failed) / deliveries)} %)
      </Status>{' '}
      <Box variant="span" color="text-body-secondary">
        Last: {answerText(lastFailure)}
      </Box>{' '}
      <Ago at={lastFailure.at} />
    </>
  );
};

const eventsText = (pattern: string) => (pattern === '*' ? 'All' : pattern);

const statusOf = ({ confirmedAt, disabledAt }: Webhook): { type: StatusIndicatorProps.Type; text: string } => {
  if (disabledAt) return { type: 'stopped', text: 'Disabled: its target is gone' };
  if (!confirmedAt) return { type: 'pending', text: 'Not confirmed yet' };
  return { type: 'success', text: 'Active' };
};

export default Webhooks;
