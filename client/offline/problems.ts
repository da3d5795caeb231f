/** Why a license file is not good here and now. */
export type OfflineRefusal =
  | 'no-file'
  | 'not-a-license'
  | 'unknown-key'
  | 'bad-signature'
  | 'wrong-issuer'
  | 'wrong-product'
  | 'wrong-machine'
  | 'not-yet-valid'
  | 'expired'
  | 'clock-set-back'
  | 'in-use';

/** No license file is good for this machine, here and now. */
export class OfflineLicenseRefused extends Error {
  override name = 'OfflineLicenseRefused';
  /** Why; of several files, why the one that came closest. */
  readonly reason: OfflineRefusal;

  constructor(reason: OfflineRefusal, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
