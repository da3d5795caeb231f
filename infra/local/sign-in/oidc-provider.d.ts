/** The part of `oidc-provider` that is used here: it comes without types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

  interface Token {
    save(): Promise<string>;
  }
  interface Grant {
    addOIDCScope(scope: string): void;
    addResourceScope(resource: string, scope: string): void;
    save(): Promise<string>;
  }
  type Client = object;
  type ResourceServer = object;

  export class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>);
    callback(): RequestListener;
    on(event: 'server_error', listener: (context: unknown, error: Error) => void): this;
    interactionDetails(
      request: IncomingMessage,
      response: ServerResponse,
    ): Promise<{ prompt: { name: string }; params: Record<string, unknown> }>;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: { login: { accountId: string } } | { consent: object } | { error: string; error_description: string },
    ): Promise<void>;
    readonly Client: { find(id: string): Promise<Client | undefined> };
    readonly Grant: new (of: {
      accountId: string;
      clientId: string;
    }) => Grant;
    readonly AccessToken: new (of: {
      accountId: string;
      client: Client;
      scope: string;
      expiresIn: number;
      gty: string;
      resourceServer: ResourceServer;
      extra: object;
    }) => Token;
    readonly ResourceServer: new (
      identifier: string,
      info: object,
    ) => ResourceServer;
  }

  /** The argument of a configuration's functions. */
  export interface Context {
    oidc: { provider: Provider; session: { accountId: string }; client: { clientId: string } };
  }
}

declare module 'oidc-provider/lib/adapters/memory_adapter.js' {
  export function createMemoryAdapter(): (model: string) => object;
}
