import { expect, it } from 'vitest';
import { faultyServer, refuse } from '../client/faulty-server.ts';
import { leasehold } from './command.ts';

const configured = {
  LEASEHOLD_URL: 'http://127.0.0.1:9',
  LEASEHOLD_ORGANIZATION: 'org_1',
  LEASEHOLD_API_KEY: 'lh_x',
};

it.each([
  ['status --product KRE --url nonsense', '"nonsense" is no address of a service'],
  ['status --product KRE --url ftp://licenses.example.com', 'is no address of a service'],
  ['login --url nonsense', '"nonsense" is no address of a service'],
  ['login --issuer nonsense --client-id x', '"nonsense" is no address of an issuer'],
  ['activate --product ..', '1 to 32 of A-Z 0-9 -'],
])('`%s` is wrong usage, and one sentence says why', async (line, why) => {
  const { code, stderr } = await leasehold(line.split(' '), configured).ended;
  expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringContaining(why) });
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

it.each([
  ['is down', async () => 'http://127.0.0.1:9', 69, 'The connection to http://127.0.0.1:9 failed.'],
  ['is none', async () => (await faultyServer(refuse(404, 'not-found'))).baseUrl, 77, 'There is no signing in with'],
])('an issuer that %s is told in one sentence', async (_, issuer, code, why) => {
  const line = ['login', '--no-browser', '--issuer', await issuer(), '--client-id', 'x'];
  const { stderr, ...ended } = await leasehold(line, configured).ended;
  expect(ended).toMatchObject({ code });
  expect(stderr).toContain(why);
  expect(stderr).not.toContain('    at ');
});
