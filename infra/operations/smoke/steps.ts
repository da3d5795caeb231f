import { Webhook } from 'standardwebhooks';
import { activateOrWait } from '../../../client/acquire.ts';
import {
  type Activation,
  ActivationEnded,
  type Client,
  LicenseQuotaExceeded,
  NotFound,
} from '../../../client/index.ts';
import { verifyLicense } from '../../../client/offline/index.ts';
import { sleep } from '../../../client/timing.ts';
import { findTestOrganization, removeTestProduct, sellTestProduct, untilOwner } from './test-organization.ts';
import type { WebhookTarget } from './webhook-target.ts';

/** The product of the smoke test: one floating license. */
const smokeProduct = 'SMOKE';
/** The name of the API keys and the description of the license files that a smoke test makes. */
const mark = 'Smoke test';

/** One run of the smoke test. */
export interface Run {
  /** Makes a client. Without a credential it calls public operations alone. */
  readonly clientWith: (credential?: string) => Client;
  /** The client of the vendor's sign-in; undefined if the run has an API key alone. */
  readonly vendor: Client | undefined;
  /** The client of a runner. The vendor's run makes an API key for it. */
  runner?: Client;
  organizationId?: string;
  /** Where webhooks are sent to; without one the step is left out. */
  readonly webhookUrl: string | undefined;
  /** The target on this machine, if it runs here. */
  readonly target: WebhookTarget | undefined;
  readonly licenseIssuer: string | undefined;
  /** Ends a wait when the run is interrupted. */
  readonly signal: AbortSignal;
  /** Begins the names of this run's sessions. */
  readonly name: string;
  readonly startedAt: Date;
  held?: Activation;
}

/** A step: its name, and its work. The work throws if the deployment does not do what it must. */
export interface Step {
  readonly name: string;
  /** Whether the step needs the vendor's sign-in. */
  readonly vendor?: true;
  readonly work: (run: Run) => Promise<string | undefined>;
}

const expect = (condition: boolean, otherwise: string): void => {
  if (!condition) throw new Error(otherwise);
};

/** Returns the error of a call that must be refused. */
const refusalOf = async <E>(
  call: Promise<unknown>,
  Expected: new (...args: never[]) => E,
  otherwise: string,
): Promise<E> => {
  try {
    await call;
  } catch (error) {
    if (error instanceof Expected) return error;
    throw error;
  }
  throw new Error(otherwise);
};

/** How long records that follow a change may take, ms: the stream, its queues, one run of the schedule. */
const followsWithinMs = 120_000;

/** Repeats a check until it returns true. */
const eventually = async (signal: AbortSignal, check: () => Promise<boolean>, otherwise: string): Promise<void> => {
  for (const until = Date.now() + followsWithinMs; !(await check()); await sleep(500, signal))
    expect(Date.now() < until, `${otherwise} within ${followsWithinMs / 1000} seconds.`);
};

const inOrganization = ({ organizationId }: Run) => {
  if (organizationId === undefined) throw new Error('The step before has not found the organization.');
  return { organizationId, product: smokeProduct };
};
const vendorOf = ({ vendor }: Run): Client => {
  if (!vendor) throw new Error('The step needs the sign-in of the vendor.');
  return vendor;
};
const runnerOf = ({ runner }: Run): Client => {
  if (!runner) throw new Error('The step before has made no API key.');
  return runner;
};

const holder = ({ name }: Run) => ({ sessionId: `${name}-holder`, machineId: `${name}-1` });
const refused = ({ name }: Run) => ({ sessionId: `${name}-refused`, machineId: `${name}-2` });
const waiter = ({ name }: Run) => ({ sessionId: `${name}-waiter`, machineId: `${name}-3` });

/** Takes the license of a session, which waits while an earlier run's place in the queue lasts. */
const hold = async (run: Run, session: { sessionId: string; machineId: string }): Promise<Activation> =>
  (await activateOrWait(runnerOf(run), { ...inOrganization(run), ...session, waitSeconds: 90, signal: run.signal }))
    .body;

/** Puts a webhook in place, and waits until its target has confirmed it. */
const confirmedWebhook = async (run: Run, url: string) => {
  const vendor = vendorOf(run);
  const { organizationId } = inOrganization(run);
  const made = await vendor.createWebhook({ organizationId, url, events: ['activation.*', 'webhook.confirmed'] });
  const isConfirmed = async () => {
    const { items } = await vendor.listWebhooks({ organizationId });
    return items.some(({ id, confirmedAt }) => id === made.id && confirmedAt !== null);
  };
  await eventually(run.signal, isConfirmed, `The webhook’s target ${url} has not answered its challenge`);
  return made;
};

/** The steps, in their order. */
export const steps: readonly Step[] = [
  {
    name: 'health',
    work: async ({ clientWith }) => {
      const { status } = await clientWith().health();
      expect(status === 'ok', `The service says that it is ${status}.`);
      return undefined;
    },
  },
  {
    name: 'sign-in',
    work: async (run) => {
      if (run.vendor) {
        run.organizationId = await findTestOrganization(run.vendor);
        await untilOwner(run.vendor, run.organizationId, run.signal);
        await removeLeftovers(run);
        return run.organizationId;
      }
      const { memberships } = await runnerOf(run).getMe();
      const [membership] = memberships;
      if (!membership) throw new Error('The API key belongs to no organization.');
      run.organizationId = membership.organizationId;
      return run.organizationId;
    },
  },
  {
    name: 'sale',
    vendor: true,
    work: async (run) => {
      const vendor = vendorOf(run);
      const { organizationId, product } = inOrganization(run);
      await sellTestProduct(vendor, organizationId, product);
      const { quota } = await vendor.getSubscription({ organizationId, product });
      expect(quota === 1, `One license was sold, and the subscription has ${quota}.`);
      const expiresAt = new Date(run.startedAt.getTime() + 3_600_000).toISOString();
      run.runner = run.clientWith((await vendor.createApiKey({ organizationId, name: mark, expiresAt })).key);
      return undefined;
    },
  },
  {
    name: 'activate',
    work: async (run) => {
      run.held = await hold(run, holder(run));
      const again = await runnerOf(run).activate({ ...inOrganization(run), ...holder(run) });
      expect(
        'fence' in again && again.fence === run.held.fence && again.seat === run.held.seat,
        'A repeated activation got another seat.',
      );
      return `seat ${run.held.seat}, fence ${run.held.fence}`;
    },
  },
  {
    name: 'heartbeat',
    work: async (run) => {
      const { seat = 0, fence = 0, leaseExpiresAt } = run.held ?? {};
      const { sessionId } = holder(run);
      const extended = await runnerOf(run).heartbeat({ ...inOrganization(run), sessionId, seat, fence });
      expect(
        Date.parse(extended.leaseExpiresAt ?? '') >= Date.parse(leaseExpiresAt ?? ''),
        'A heartbeat made the lease shorter.',
      );
      return undefined;
    },
  },
  {
    name: 'refusal',
    work: async (run) => {
      const { quota, inUse } = await refusalOf(
        runnerOf(run).activate({ ...inOrganization(run), ...refused(run) }),
        LicenseQuotaExceeded,
        'The quota of 1 was exceeded: a second session got a license.',
      );
      return `${inUse} of ${quota} in use`;
    },
  },
  {
    name: 'queue',
    work: async (run) => {
      const waiting = await runnerOf(run).activate({ ...inOrganization(run), ...waiter(run), waitSeconds: 90 });
      expect('position' in waiting && 'status' in waiting, 'A session that may wait got no place in the queue.');
      return undefined;
    },
  },
  {
    name: 'release',
    work: async (run) => {
      const { sessionId } = holder(run);
      const { seat = 0, fence = 0 } = run.held ?? {};
      await runnerOf(run).deactivate({ ...inOrganization(run), sessionId });
      const late = runnerOf(run).heartbeat({ ...inOrganization(run), sessionId, seat, fence });
      const { endedReason } = await refusalOf(
        late,
        ActivationEnded,
        'A released session could still send a heartbeat.',
      );
      expect(endedReason === 'released', `The session was released, and its reason is ${endedReason}.`);
      await hold(run, waiter(run));
      await runnerOf(run).deactivate({ ...inOrganization(run), sessionId: waiter(run).sessionId });
      return 'the waiting session got the license';
    },
  },
  {
    name: 'offline license',
    vendor: true,
    work: async (run) => {
      const vendor = vendorOf(run);
      const [now, machineId] = [new Date(), `${run.name}-4`];
      const expiresAt = new Date(now.getTime() + 3_600_000).toISOString();
      const made = { ...inOrganization(run), machineId, expiresAt, description: mark };
      const { id: licenseId } = await vendor.issueOfflineLicense(made);
      const file = await vendor.getOfflineLicenseFile({ ...inOrganization(run), licenseId });
      const { keys } = await run.clientWith().jwks();
      const license = await verifyLicense(file, {
        keys: { keys: keys as never },
        product: smokeProduct,
        machineId,
        now,
        ...(run.licenseIssuer !== undefined && { issuer: run.licenseIssuer }),
      });
      expect(license.id === licenseId, 'The license file is of another license.');
      await vendor.voidOfflineLicense({ ...inOrganization(run), licenseId, reason: mark });
      return 'the signature fits the published keys';
    },
  },
  {
    name: 'webhook',
    vendor: true,
    work: async (run) => {
      const { webhookUrl, target } = run;
      if (webhookUrl === undefined) return 'left out: give --webhook-url or --webhook-port';
      const vendor = vendorOf(run);
      const { organizationId } = inOrganization(run);
      const { id: webhookId, secret } = await confirmedWebhook(run, webhookUrl);
      const { sessionId } = await hold(run, { sessionId: `${run.name}-told`, machineId: `${run.name}-5` });
      await runnerOf(run).deactivate({ ...inOrganization(run), sessionId });
      if (target) {
        const isTold = async () =>
          target.messages.some(({ headers, body }) => {
            const event = new Webhook(secret).verify(body, headers) as {
              type: string;
              data: { target: { id: string } };
            };
            return event.type === 'activation.ended' && event.data.target.id === sessionId;
          });
        await eventually(run.signal, isTold, 'The end of a session has not reached the webhook');
        return 'the signature fits the secret';
      }
      const isDelivered = async () => {
        const { items } = await vendor.listWebhookDeliveries({ organizationId, webhookId, status: 'delivered' });
        return items.some(({ event }) => event.action === 'activation.ended');
      };
      await eventually(run.signal, isDelivered, 'The end of a session was not delivered to the webhook');
      return undefined;
    },
  },
  {
    name: 'audit',
    vendor: true,
    work: async (run) => {
      const { organizationId } = inOrganization(run);
      const isTold = async () => {
        const from = new Date(run.startedAt.getTime() - 300_000).toISOString();
        const actions = new Set<string>();
        const target = holder(run).sessionId;
        for await (const { action } of vendorOf(run).listAuditEvents({ organizationId, target, from }))
          actions.add(action);
        return actions.has('activation.started') && actions.has('activation.ended');
      };
      await eventually(run.signal, isTold, 'The audit trail does not have the begin and the end of a session');
      return undefined;
    },
  },
];

type Session = Parameters<Client['deactivate']>[0];

const deactivateIfThere = async (client: Client, session: Session): Promise<void> => {
  await client.deactivate(session).catch((error) => {
    if (!(error instanceof NotFound)) throw error;
  });
};

/** Removes what this run made, and with the vendor's sign-in what earlier runs left. */
export const removeLeftovers = async (run: Run): Promise<void> => {
  const { vendor, organizationId } = run;
  if (organizationId === undefined) return;
  const within = { organizationId, product: smokeProduct };
  if (!vendor) {
    for (const { sessionId } of [holder(run), refused(run), waiter(run)])
      await deactivateIfThere(runnerOf(run), { ...within, sessionId });
    return;
  }
  for await (const { id, name } of vendor.listApiKeys({ organizationId }))
    if (name === mark) await vendor.revokeApiKey({ organizationId, keyId: id });
  for await (const { id } of vendor.listWebhooks({ organizationId }))
    await vendor.removeWebhook({ organizationId, webhookId: id });
  await removeTestProduct(vendor, smokeProduct);
  const subscriptions = [];
  for await (const { product } of vendor.listSubscriptions({ organizationId })) subscriptions.push(product);
  if (!subscriptions.includes(smokeProduct)) return;
  for await (const { sessionId } of vendor.listActivations(within)) await vendor.deactivate({ ...within, sessionId });
  await deactivateIfThere(vendor, { ...within, sessionId: waiter(run).sessionId });
  for await (const { id, status } of vendor.listOfflineLicenses(within))
    if (status === 'active') await vendor.voidOfflineLicense({ ...within, licenseId: id, reason: mark });
};
