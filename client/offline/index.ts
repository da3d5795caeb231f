export { claimOfflineLicense, type OfflineHold, type OfflineOptions } from './claim.ts';
export { keepKeys, keptKeys } from './kept-keys.ts';
export { OfflineLicenseRefused, type OfflineRefusal } from './problems.ts';
export { type Expected, type OfflineLicense, verifyLicense } from './verify.ts';
export { type AnyLicense, type WithAnyLicenseOptions, withAnyLicense } from './with-any-license.ts';
