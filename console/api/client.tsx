import { createContext, useContext } from 'react';
import { type Client, type Credential, createClient } from '../../client/index.ts';

/** Creates the client for the page's own origin, with few retries: a user wants to see a failure soon. */
export const createServiceClient = (credential: Credential): Client =>
  createClient({ baseUrl: location.origin, allowHttp: true, credential, retries: { attempts: 3, withinMs: 5_000 } });

const ClientContext = createContext<Client | undefined>(undefined);
export const ClientProvider = ClientContext;

/** Returns the client of the signed-in person. */
export const useClient = (): Client => {
  const client = useContext(ClientContext);
  if (!client) throw new Error('The service can be reached only after the sign-in.');
  return client;
};
