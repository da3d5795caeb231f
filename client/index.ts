export { type AcquireOptions, acquire } from './acquire.ts';
export type * from './api.ts';
export { type Answer, type Client, type ClientOptions, createClient, type Input } from './client.ts';
export * from './errors.ts';
export { type Answered, type Hold, type KeepOptions, keep, LicenseLost, type LossReason } from './hold.ts';
export type { Page, Pages } from './pages.ts';
export type { Retries } from './retry.ts';
export type { CallOptions, Credential } from './send.ts';
export { type License, type WithLicenseOptions, withLicense } from './with-license.ts';
