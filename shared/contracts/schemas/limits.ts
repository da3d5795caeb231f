import * as z from 'zod';

const upTo = (max: number, description: string) => z.int().min(0).max(max).meta({ description });

/** The limits of an organization, with units. `docs/limits.md` shows this table. */
export const Limits = z
  .object({
    requestsPerSecond: upTo(10_000, 'Requests a second by one API key, on each instance of each function.').min(1),
    requestBurst: upTo(100_000, 'Requests at once by one API key that paused, on each instance of each function.').min(
      1,
    ),
    apiKeysPerMember: upTo(1000, 'API keys of one member that are neither revoked nor expired.'),
    webhooks: upTo(100, 'Webhooks of the organization that are not removed.'),
    invitationsPerDay: upTo(100_000, 'Invitations of the organization on one day (UTC): each is a mail.'),
    invitationsPerAddressAndDay: upTo(100, 'Invitations to one address on one day (UTC), repetitions included.'),
    redeliveriesPerMinute: upTo(
      1000,
      'Redeliveries to the webhooks of the organization, and tests of webhooks and alerts, in one minute.',
    ),
    alertTestsPerDay: upTo(1000, 'Test alerts on one day (UTC): each is a mail to each owner and admin.'),
    offlineLicensesPerDay: upTo(1000, 'Offline licenses of one product that are issued on one day (UTC).')
      .nullable()
      .meta({
        description:
          'Offline licenses of one product that are issued on one day (UTC). null: 10, or a tenth of the quota if that is more.',
      }),
  })
  .meta({ id: 'Limits' });
export type Limits = z.infer<typeof Limits>;
export type LimitName = keyof Limits;

/** The default of each limit, for organizations where the vendor has not set it. */
export const defaultLimits: Limits = {
  requestsPerSecond: 500,
  requestBurst: 2000,
  apiKeysPerMember: 20,
  webhooks: 10,
  invitationsPerDay: 500,
  invitationsPerAddressAndDay: 5,
  redeliveriesPerMinute: 10,
  alertTestsPerDay: 20,
  offlineLicensesPerDay: null,
};
