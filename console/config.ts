/** The console's configuration, served as `/config.json`. */
export interface ConsoleConfig {
  /** The OpenID Connect issuer that people sign in with. */
  readonly issuer: string;
  readonly clientId: string;
  /** The command's client, if it is another. */
  readonly commandClientId?: string | undefined;
  readonly scopes: readonly string[];
  /** The claim of the ID token that lists groups, and the group whose members are the vendor. */
  readonly groupsClaim: string;
  readonly vendorGroup: string;
  /** How customers reach the vendor: an address or a URL. */
  readonly vendorContact?: string | undefined;
}
