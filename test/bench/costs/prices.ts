/**
 * The list prices of us-east-1 without free tiers, dollars, as AWS published them in November 2026. Of each service the first
 * tier.
 */
export const prices = {
  date: '2026-11-28',
  /** A request of an HTTP API. */
  apiRequest: 1 / 1e6,
  /** An invocation of a Lambda function, and a second of a gigabyte of it on arm64. */
  invocation: 0.2 / 1e6,
  gigabyteSecond: 0.0000133334,
  /** DynamoDB on demand. */
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  /** A gigabyte and month in the table, and of its backup to any point in time. */
  stored: 0.25,
  backedUp: 0.2,
  /** A gigabyte of logs, and a month of it. */
  logged: 0.5 + 0.03,
  /** An alarm, and a key, a month. */
  alarm: 0.1,
  key: 1,
  /** A license server of your own, a month: a load balancer, two t4g.small, a db.t4g.medium with 20 GB in two zones. */
  alwaysOn: { 'load balancer': 16.43, 'two instances': 24.53, database: 94.17 + 4.6 },
};

export const monthDays = 365 / 12;
