import { createContext, useContext } from 'react';
import type * as z from 'zod';
import type { YourOrganization } from '../../shared/contracts/schemas/organization.ts';
import type { Subscription, SubscriptionSummary } from '../../shared/contracts/schemas/subscription.ts';

export type Organization = z.output<typeof YourOrganization>;
export type Figures = z.output<typeof Subscription>;
export type Product = Figures | z.output<typeof SubscriptionSummary>;
export interface Page<T> {
  items: T[];
  nextCursor?: string;
}
export interface PageQuery {
  limit?: number;
  cursor?: string;
}

export class ServiceProblem extends Error {
  readonly code: string;
  readonly title: string;
  readonly requestId: string;
  constructor(problem: { code: string; title: string; detail: string; requestId: string }) {
    super(problem.detail);
    this.code = problem.code;
    this.title = problem.title;
    this.requestId = problem.requestId;
  }
}

export const connect = (token: () => Promise<string>) => {
  const call = async <T,>(method: string, path: string, query: object = {}): Promise<T> => {
    const parameters = Object.entries(query).filter(([, value]) => value !== undefined);
    const search = new URLSearchParams(parameters.map(([name, value]) => [name, String(value)]));
    const response = await fetch(`${path}${parameters.length > 0 ? `?${search}` : ''}`, {
      method,
      headers: { authorization: `Bearer ${await token()}` },
    });
    const body = await response.json();
    if (!response.ok) throw new ServiceProblem(body);
    return body;
  };
  return {
    listOrganizations: (query: PageQuery) => call<Page<Organization>>('GET', '/v1/organizations', query),
    getOrganization: ({ organizationId }: { organizationId: string }) =>
      call<Omit<Organization, 'role'>>('GET', `/v1/organizations/${encodeURIComponent(organizationId)}`),
    listSubscriptions: ({ organizationId, ...query }: PageQuery & { organizationId: string }) =>
      call<Page<Product>>('GET', `/v1/organizations/${organizationId}/subscriptions`, query),
    getSubscription: ({ organizationId, product }: { organizationId: string; product: string }) =>
      call<Figures>('GET', `/v1/organizations/${organizationId}/subscriptions/${product}`),
  };
};
export type Client = ReturnType<typeof connect>;

const ClientContext = createContext<Client | undefined>(undefined);
export const ClientProvider = ClientContext;

/** The service, in the name of whoever is signed in. */
export const useClient = (): Client => {
  const client = useContext(ClientContext);
  if (!client) throw new Error('The service can be reached only after the sign-in.');
  return client;
};
