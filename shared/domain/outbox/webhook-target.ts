import { BlockList, isIP, isIPv6 } from 'node:net';

const listOf = (family: 'ipv4' | 'ipv6', subnets: readonly [string, number][]): BlockList => {
  const list = new BlockList();
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, family);
  return list;
};

/**
 * IPv4 addresses that no public host has, from IANA's registry of special-purpose addresses: this network, private, shared,
 * loopback, link-local (a cloud's metadata service, for example), protocol assignments, documentation, 6to4 relays,
 * benchmarks, multicast, reserved.
 */
const special4 = listOf('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]);
/** The range of all public IPv6 hosts. Loopback, IPv4-mapped, NAT64, unique local, link-local and multicast lie outside. */
const global6 = listOf('ipv6', [['2000::', 3]]);
/** The exceptions within that range: protocol assignments (Teredo, for example), documentation, 6to4. */
const special6 = listOf('ipv6', [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]);
const loopbacks = listOf('ipv4', [['127.0.0.0', 8]]);

/** The targets that are allowed. Public hosts always are. */
export interface TargetRules {
  /** Also allow this machine's own addresses, by `http` and on any port: for tests and the local stack. */
  loopback: boolean;
}

/** Returns whether the service may send to an IP address. */
export const mayReach = (address: string, { loopback }: TargetRules): boolean => {
  if (loopback && (address === '::1' || loopbacks.check(address))) return true;
  if (isIPv6(address)) return global6.check(address, 'ipv6') && !special6.check(address, 'ipv6');
  return isIP(address) === 4 && !special4.check(address);
};

/** Returns the host of a URL in the form that the resolver takes: an IPv6 address without brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/[[\]]/g, '');

/**
 * Returns why the URL of a target is not allowed, or undefined if it is. The addresses of its host name are checked later,
 * whenever the service sends: on the very address that it connects to.
 */
export const targetError = (url: URL, rules: TargetRules): string | undefined => {
  const host = hostOf(url);
  const own = rules.loopback && (host === 'localhost' || host === '::1' || loopbacks.check(host));
  if (url.username || url.password) return 'must not have a user name or a password';
  if (url.hash) return 'must not have a fragment';
  if (isIP(host) && !mayReach(host, rules)) return 'must name a public host';
  if (own && url.protocol === 'http:') return undefined;
  if (url.protocol !== 'https:') return 'must begin with https://';
  const port = url.port === '' ? 443 : Number(url.port);
  return port === 443 || port >= 1024 ? undefined : 'must use port 443, or a port from 1024 on';
};
