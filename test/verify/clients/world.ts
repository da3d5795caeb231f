import type { Random } from '../../explore/random.ts';
import type { Call, Terms } from '../check/log.ts';
import type { Recorder } from './recorder.ts';

/** A member with an API key. */
export interface Member {
  userId: string;
  key: string;
  isGone?: boolean;
}

export interface Product {
  name: string;
  licenseType: 'floating' | 'per-user';
  leaseSeconds: number;
  /** The quotas that the vendor sets. */
  quotas: readonly [least: number, most: number];
  machineQuota: number;
  machines: readonly string[];
  waits?: boolean;
}

/** The products of a run. Short leases, so that they lapse; small quotas, so that they bind. */
export const products: readonly Product[] = [
  {
    name: 'FLO',
    licenseType: 'floating',
    leaseSeconds: 5,
    quotas: [2, 6],
    machineQuota: 100,
    machines: names('flo', 8),
  },
  { name: 'MAC', licenseType: 'floating', leaseSeconds: 5, quotas: [4, 6], machineQuota: 2, machines: names('mac', 5) },
  {
    name: 'QUE',
    licenseType: 'floating',
    leaseSeconds: 5,
    quotas: [1, 3],
    machineQuota: 100,
    machines: names('que', 8),
    waits: true,
  },
  {
    name: 'USR',
    licenseType: 'per-user',
    leaseSeconds: 5,
    quotas: [2, 4],
    machineQuota: 100,
    machines: names('usr', 6),
  },
];

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
}

/** Everything that the actors of a run share. */
export interface World {
  random: Random;
  recorder: Recorder;
  organizationId: string;
  tokens: { vendor: string; owner: string; admin: string };
  members: Member[];
  /** The sessions that the clients run now, by product: the targets of admins. */
  running: Map<string, Map<string, { user: string; machine: string }>>;
  /** The terms that the vendor set last. */
  terms: Map<string, Terms>;
  isOver: () => boolean;
  /** How fast the actors act: 1 is the pace of a verification. */
  pace: number;
}

export const pathOf = ({ organizationId }: World, product: string): string =>
  `/v1/organizations/${organizationId}/subscriptions/${product}`;

/** Sets the terms of a product, and repeats the request until it is answered. */
export const setTerms = async (world: World, product: Product, terms: Terms): Promise<void> => {
  const { status, expiresAt, quota, machineQuota } = terms;
  const body = {
    licenseType: product.licenseType,
    quota,
    machineQuota,
    status,
    expiresAt: new Date(expiresAt).toISOString(),
    leaseSeconds: product.leaseSeconds,
    offline: { allowed: true, reserveOnline: 0 },
  };
  for (let tries = 0; tries < 30; tries++) {
    const request = { method: 'PUT', path: pathOf(world, product.name), token: world.tokens.vendor, body };
    const call = await world.recorder.call({ op: 'set-terms', product: product.name, terms }, request);
    if (isAnswered(call)) break;
    await pause(300);
  }
  world.terms.set(product.name, terms);
};

/** A call was answered for good. */
export const isAnswered = ({ status }: Call): boolean => status !== null && status < 500 && status !== 429;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
