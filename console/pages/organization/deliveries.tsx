import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import type { DeliveryStatus, Webhook, WebhookDelivery } from '../../../client/index.ts';
import { useClient } from '../../api/client.tsx';
import { runForEach } from '../../api/run-for-each.ts';
import { useAction } from '../../api/use-action.ts';
import { useList } from '../../api/use-list.ts';
import { timeColumn } from '../../components/columns.tsx';
import { Empty } from '../../components/empty.tsx';
import { ListTable } from '../../components/list-table.tsx';
import { pluralize } from '../../components/pluralize.ts';
import { Status } from '../../components/status.tsx';
import { TextBlock } from '../../components/text-block.tsx';
import { preciseTime } from '../../components/time/format-time.ts';
import { Time } from '../../components/time/time.tsx';
import { useOrganization } from '../../organization/organization.tsx';
import { usePanel } from '../../shell/panel.tsx';

const statuses: Record<DeliveryStatus, { type: StatusIndicatorProps.Type; text: string }> = {
  pending: { type: 'pending', text: 'On its way' },
  delivered: { type: 'success', text: 'Delivered' },
  parked: { type: 'error', text: 'Given up' },
};

export const Deliveries = ({ webhook }: { webhook: Webhook }) => {
  const { id: organizationId } = useOrganization();
  const client = useClient();
  const key = ['deliveries', organizationId, webhook.id];
  const list = useList(key, (query) =>
    client.listWebhookDeliveries({ organizationId, webhookId: webhook.id, ...query }),
  );
  const show = usePanel();
  const redeliver = useAction({
    run: (deliveries: readonly WebhookDelivery[]) =>
      runForEach(
        deliveries,
        ({ id, event }) => `${event.action} (${id})`,
        ({ id }) => client.redeliverWebhook({ organizationId, webhookId: webhook.id, deliveryId: id }),
      ),
    done: (_, { length }) => `${pluralize(length, 'delivery', 'deliveries')} on the way again.`,
    invalidates: [key],
  });
  return (
    <ListTable
      title={`Deliveries to ${webhook.url}`}
      nouns={['delivery', 'deliveries']}
      list={list}
      prefix="deliveries-"
      idOf={({ id }) => id}
      nameOf={({ event, createdAt }) => `${event.action} of ${preciseTime(Date.parse(createdAt))}`}
      searchTextOf={({ event, status, lastAnswer }) => [event.action, statuses[status].text, answerText(lastAnswer)]}
      columns={[
        {
          id: 'event',
          header: 'Event',
          value: ({ event }) => event.action,
          isRowHeader: true,
          cell: ({ event }) => event.action,
        },
        {
          id: 'status',
          header: 'Status',
          kind: 'status',
          sortingField: 'status',
          cell: ({ status }) => <Status type={statuses[status].type}>{statuses[status].text}</Status>,
        },
        {
          id: 'attempts',
          header: 'Attempts',
          width: 130,
          sortingField: 'attempts',
          cell: ({ attempts }) => attempts,
        },
        {
          id: 'answer',
          header: 'Last answer',
          width: 170,
          value: ({ lastAnswer }) => answerText(lastAnswer),
          cell: ({ lastAnswer }) => answerText(lastAnswer),
        },
        { ...timeColumn('nextAttemptAt', 'Next attempt'), optional: true },
        timeColumn('createdAt', 'Since'),
        {
          id: 'content',
          header: 'Content',
          kind: 'action',
          width: 110,
          cell: (delivery) => (
            <Button
              variant="inline-link"
              ariaLabel={`Show request and answer of ${delivery.event.action} (${delivery.id})`}
              onClick={() =>
                show({
                  header: delivery.event.action,
                  content: <Exchange url={webhook.url} delivery={delivery} />,
                })
              }
            >
              Show
            </Button>
          ),
        },
      ]}
      actions={(deliveries) => (
        <Button
          disabled={deliveries.length === 0 || webhook.disabledAt !== null}
          loading={redeliver.running}
          onClick={() => redeliver.run(deliveries)}
        >
          Deliver again
        </Button>
      )}
      empty={<Empty title="Nothing was sent yet">The next matching event appears here by itself.</Empty>}
    />
  );
};

/** The request of a delivery, and the target's last answer. */
const Exchange = ({ url, delivery }: { url: string; delivery: WebhookDelivery }) => {
  const { id, request, lastAnswer } = delivery;
  return (
    <SpaceBetween size="m">
      <Header variant="h3">Request</Header>
      <Box variant="code">POST {url}</Box>
      <Box variant="code">webhook-id: {id}</Box>
      {request === null ? (
        <p>The challenge, which the target alone gets.</p>
      ) : (
        <TextBlock>{JSON.stringify(JSON.parse(request), null, 2)}</TextBlock>
      )}
      <Header variant="h3">Last answer</Header>
      {lastAnswer ? (
        <SpaceBetween size="xs">
          <Box variant="code">{answerText(lastAnswer)}</Box>
          <Time at={lastAnswer.at} />
          {lastAnswer.body !== null && <TextBlock>{lastAnswer.body}</TextBlock>}
        </SpaceBetween>
      ) : (
        <p>None yet.</p>
      )}
    </SpaceBetween>
  );
};

/** The meanings of a missing answer, by the code that the service kept. */
const errorTexts: Readonly<Record<string, string>> = {
  ENOTFOUND: 'Host not found',
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection broken',
  TIMEOUT: 'No answer in time',
  FAILED: 'Connection failed',
  ADDRESS_NOT_ALLOWED: 'Address not allowed',
  CHALLENGE_NOT_ANSWERED: 'Challenge not answered',
  CERT_HAS_EXPIRED: 'Certificate expired',
};

/** Returns an answer in words: `503`, `Host not found`. */
export const answerText = (answer: Pick<NonNullable<WebhookDelivery['lastAnswer']>, 'status' | 'error'> | null) =>
  answer &&
  [answer.status, answer.error && (errorTexts[answer.error] ?? answer.error)].filter((part) => part !== null).join(' ');
