import { describe, expect, it } from 'vitest';
import { hostOf, mayReach, targetError } from '../../../shared/domain/outbox/webhook-target.ts';

const strict = { loopback: false };
const atHome = { loopback: true };

describe('addresses', () => {
  it.each([
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['shared by a carrier', '100.64.0.1'],
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['loopback', '::1'],
    ['unspecified', '0.0.0.0'],
    ['unspecified', '::'],
    ['link-local', '169.254.0.1'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['metadata', '169.254.169.254'],
    ['metadata', 'fd00:ec2::254'],
    ['metadata of a container', '169.254.170.2'],
    ['unique local', 'fc00::1'],
    ['multicast', '224.0.0.1'],
    ['multicast', 'ff02::1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['IPv4-mapped', '::ffff:127.0.0.1'],
    ['IPv4-mapped, of a public host', '::ffff:8.8.8.8'],
    ['IPv4-compatible', '::127.0.0.1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['NAT64, local', '64:ff9b:1::1'],
    ['6to4', '2002:7f00:1::'],
    ['Teredo', '2001:0:7f00:1::'],
    ['documentation', '192.0.2.1'],
    ['documentation', '198.51.100.7'],
    ['documentation', '203.0.113.9'],
    ['documentation', '2001:db8::1'],
    ['benchmarks', '198.18.0.1'],
    ['no address', 'localhost'],
    ['no address', ''],
  ])('%s may not be reached: %s', (_, address) => {
    expect(mayReach(address, strict)).toBe(false);
  });
  it.each([
    '8.8.8.8',
    '172.15.255.255',
    '172.32.0.1',
    '100.128.0.1',
    '169.253.0.1',
    '2600:1f18::1',
    '2a00:1450:4001::1',
  ])('a public host may be: %s', (address) => {
    expect(mayReach(address, strict)).toBe(true);
  });
  it('of this machine are allowed in the local stack, and no other private address is', () => {
    for (const address of ['127.0.0.1', '127.8.8.8', '::1']) expect(mayReach(address, atHome)).toBe(true);
    for (const address of ['10.0.0.1', '169.254.169.254', '0.0.0.0', '::', '::ffff:127.0.0.1'])
      expect(mayReach(address, atHome), address).toBe(false);
  });
});

describe('URLs', () => {
  const wrong = (url: string, rules = strict) => targetError(new URL(url), rules);

  it.each([
    'https://hooks.example.com/a?b=c',
    'https://hooks.example.com:443/',
    'https://hooks.example.com:8443/',
    'https://hooks.example.com:1024/',
    'https://8.8.8.8/',
    'https://[2600:1f18::1]/',
  ])('good: %s', (url) => {
    expect(wrong(url)).toBeUndefined();
  });
  it.each([
    ['http://hooks.example.com/', 'https'],
    ['ftp://hooks.example.com/', 'https'],
    ['file:///etc/passwd', 'https'],
    ['https://hooks.example.com:22/', 'port'],
    ['https://hooks.example.com:80/', 'port'],
    ['https://hooks.example.com:1023/', 'port'],
    ['https://user@hooks.example.com/', 'user name'],
    ['https://:secret@hooks.example.com/', 'password'],
    ['https://hooks.example.com/#a', 'fragment'],
    ['https://127.0.0.1/', 'public host'],
    ['https://2130706433/', 'public host'],
    ['https://0x7f.1/', 'public host'],
    ['https://0177.0.0.1/', 'public host'],
    ['https://[::1]/', 'public host'],
    ['https://[::ffff:10.0.0.1]/', 'public host'],
    ['https://169.254.169.254/latest/meta-data/', 'public host'],
    ['http://localhost:3000/', 'https'],
    ['http://127.0.0.1:3000/', 'public host'],
  ])('wrong: %s (%s)', (url, why) => {
    expect(wrong(url)).toContain(why);
  });
  it('of this machine may use http in the local stack, and no others may', () => {
    for (const url of ['http://localhost:3000/', 'http://127.0.0.1:80/', 'http://[::1]:3000/'])
      expect(wrong(url, atHome), url).toBeUndefined();
    for (const url of [
      'http://hooks.example.com/',
      'http://10.0.0.1/',
      'http://localhost.example.com/',
      'ftp://localhost/',
    ])
      expect(wrong(url, atHome), url).toBeDefined();
  });
  it('have an IPv6 host without brackets', () => {
    expect(hostOf(new URL('https://[2600:1f18::1]:8443/'))).toBe('2600:1f18::1');
  });
});
