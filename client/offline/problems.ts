/** Why a license file is refused. */
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

/** No license file is valid for this machine now. */
export class OfflineLicenseRefused extends Error {
  override name = 'OfflineLicenseRefused';
  /** The reason; of several files, that of the nearest one. */
  readonly reason: OfflineRefusal;

  constructor(reason: OfflineRefusal, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
