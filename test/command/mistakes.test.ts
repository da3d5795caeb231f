import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { saveSignIn } from '../../client/command/sign-in/sign-in-store.ts';
import { faultyServer, json, refuse } from '../client/faulty-server.ts';
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
  ['login --url http://licenses.example.com', 'http://licenses.example.com is not https'],
  ['activate --product ..', 'Use 1–32 characters: A–Z, 0–9'],
  ['status --product KRE --organization ..', '".." can’t be the ID of the organization'],
  ['release --product KRE --session-id .', '"." can’t be the ID of the session'],
  ['machines remove --product KRE m-1 ', "'' is invalid for argument 'machine-id'"],
  ['activations end --product KRE one ..', "'..' is invalid for argument 'session-id'"],
  ['users remove --product KSE ', "'' is invalid for argument 'user'"],
  ['organizations --organization org_1', "unknown option '--organization'"],
  ['offline keys --api-key lh_x', "unknown option '--api-key'"],
  ['offline download --product KRE .', "'.' is invalid for argument 'license-id'"],
])('`%s` is wrong usage, and one sentence says why', async (line, why) => {
  const { code, stderr } = await leasehold(line.split(' '), configured).ended;
  expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringContaining(why) });
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

it('an empty flag counts as unset, like a variable', async () => {
  const line = ['status', '--product', 'KRE', '--organization', ''];
  expect(await leasehold(line, { ...configured, LEASEHOLD_ORGANIZATION: '' }).ended).toMatchObject({
    code: 64,
    stderr: 'leasehold: Say whose licenses, with LEASEHOLD_ORGANIZATION or --organization.\n',
  });
});

it('an answer from something else than the service gives one sentence', async () => {
  const { baseUrl } = await faultyServer((response) => void response.writeHead(404).end('<html>No such page'));
  const { code, stderr } = await leasehold(['status', '--product', 'KRE', '--url', baseUrl], configured).ended;
  expect({ code, stderr }).toEqual({
    code: 69,
    stderr: 'leasehold: Something that is not the service answered 404: <html>No such page\n',
  });
});

it('an API key is not sent where others can read it, unless that is allowed', async () => {
  const asked = ['organizations', '--url', 'http://licenses.invalid/'];
  const key = { LEASEHOLD_API_KEY: 'lh_key' };
  const refused = await leasehold(asked, key).ended;
  expect(refused).toMatchObject({ code: 64, stderr: expect.stringContaining('LEASEHOLD_ALLOW_HTTP=1') });
  expect(refused.stderr).not.toContain('lh_key');
  const allowed = await leasehold(asked, { ...key, LEASEHOLD_ALLOW_HTTP: '1' }).ended;
  expect(allowed.stderr).toContain('The connection to licenses.invalid failed');
});

it('the token of a sign-in is not sent where others can read it', async () => {
  const home = mkdtempSync(join(tmpdir(), 'leasehold-home-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const url = 'http://licenses.example.com/';
  const signIn = { issuer: url, clientId: 'x', idToken: 'a.b.c', expiresAt: Date.now() + 3_600_000 };
  await saveSignIn({ XDG_CONFIG_HOME: home, APPDATA: home }, url, signIn);
  expect(await leasehold(['organizations', '--url', url], { XDG_CONFIG_HOME: home }).ended).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('is not https'),
  });
});

it.each([
  ['says it on another page', (response: ServerResponse) => void response.writeHead(302, { location: '/other' }).end()],
  ['only fails', json(500, { issuer: 'http://127.0.0.1:9', clientId: 'x' })],
])('a service that %s tells not whom to sign in with', async (_, reaction) => {
  const { baseUrl } = await faultyServer(reaction, json(200, { issuer: 'http://127.0.0.1:9', clientId: 'x' }));
  expect(await leasehold(['login', '--no-browser', '--url', baseUrl], {}).ended).toMatchObject({
    code: 69,
    stderr: expect.stringContaining('does not name an issuer to sign in with'),
  });
});

it.each([
  ['is down', async () => 'http://127.0.0.1:9', 69, 'The connection to http://127.0.0.1:9 failed.'],
  ['is none', async () => (await faultyServer(refuse(404, 'not-found'))).baseUrl, 77, 'The sign-in with'],
])('an issuer that %s is told in one sentence', async (_, issuer, code, why) => {
  const line = ['login', '--no-browser', '--issuer', await issuer(), '--client-id', 'x'];
  const { stderr, ...ended } = await leasehold(line, configured).ended;
  expect(ended).toMatchObject({ code });
  expect(stderr).toContain(why);
  expect(stderr).not.toContain('    at ');
});
