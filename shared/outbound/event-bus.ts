import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { type AuditEvent, covers } from '../domain/history/audit.ts';
import { publicEvent } from '../domain/outbox/public-event.ts';
import { batched } from './batch-sender.ts';

/** The most entries that EventBridge takes in one request. */
const batchSize = 10;

/** The version of `detail`: adding fields keeps it; removing or redefining one needs a new version. */
const version = 1;

/**
 * Returns a function that puts events on an EventBridge bus, concurrent ones in one request. A refused event fails alone.
 *
 * @param bus its name or ARN
 * @param actions patterns of the actions whose events the bus gets: each event costs as much as a request of the API
 */
export const openBus = (
  bus: string,
  actions: readonly string[],
  client = new EventBridgeClient({}),
): ((event: AuditEvent) => Promise<void>) => {
  const put = batched(batchSize, async (events: readonly AuditEvent[]) => {
    const { Entries = [] } = await client.send(
      new PutEventsCommand({
        Entries: events.map((event) => ({
          EventBusName: bus,
          Source: 'leasehold',
          DetailType: event.action,
          Time: new Date(event.at),
          Detail: JSON.stringify({ version, ...publicEvent(event) }),
        })),
      }),
    );
    return events.map((_, index) => {
      const code = Entries[index]?.ErrorCode;
      return code === undefined ? undefined : new Error(`EventBridge refused an event: ${code}`);
    });
  });
  return async (event) => {
    if (actions.some((pattern) => covers(pattern, event.action))) await put(event);
  };
};
