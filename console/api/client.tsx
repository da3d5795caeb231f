import { createContext, useContext } from 'react';
import { type Client, type Credential, createClient } from '../../client/index.ts';

/** Reaches the service at the page's own origin. Whoever looks at a page would rather hear of trouble soon. */
export const createServiceClient = (credential: Credential): Client =>
  createClient({ baseUrl: location.origin, allowHttp: true, credential, retries: { attempts: 3, withinMs: 5_000 } });

const ClientContext = createContext<Client | undefined>(undefined);
export const ClientProvider = ClientContext;

/** The service, in the name of whoever is signed in. */
export const useClient = (): Client => {
  const client = useContext(ClientContext);
  if (!client) throw new Error('The service can be reached only after the sign-in.');
  return client;
};
