import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { homeOf } from '../../client/command/settings/config.ts';
import { deleteSignIn, readSignIn, saveSignIn } from '../../client/command/sign-in/sign-in-store.ts';

const url = 'https://licenses.example.com';
const signIn = {
  issuer: 'https://login.example.com',
  clientId: 'x',
  idToken: 'a.b.c',
  expiresAt: 0,
  refreshToken: 'r',
};

/** A home folder with these files. */
const homeWith = (files: Record<string, string>) => {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-home-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const environment = { XDG_CONFIG_HOME: folder, APPDATA: folder };
  const home = homeOf(environment);
  mkdirSync(home);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text);
  const all = () =>
    readdirSync(home)
      .filter((name) => !name.endsWith('.lock'))
      .map((name) => readFileSync(join(home, name), 'utf8'))
      .join();
  return { environment, home, all };
};

describe('a token that a killed command left in a file of its own', () => {
  const leftover = { 'sign-ins.json.2f1c8a52-6a53-4f0e-9f0e-2f2d3c1b0a99': 'secret' };

  it.each([
    ['login', (environment: object) => saveSignIn({ ...environment }, url, signIn)],
    ['logout', (environment: object) => deleteSignIn({ ...environment }, url)],
  ])('is gone after a %s', async (_, act) => {
    const { environment, all } = homeWith(leftover);
    await act(environment);
    expect(all()).not.toContain('secret');
  });
});

it('a lock that a killed command left is free after a minute, also where another process has its number', async () => {
  // Without its start, as on macOS and Windows.
  const { environment, home } = homeWith({ 'sign-ins.3.lock': JSON.stringify({ pid: process.pid }) });
  const lockedAt = new Date(Date.now() - 61_000);
  utimesSync(join(home, 'sign-ins.3.lock'), lockedAt, lockedAt);
  await saveSignIn(environment, url, signIn);
  expect(await readSignIn(environment, url)).toEqual(signIn);
});

describe.each(['{"https://licen', 'null', '[]'])('a damaged file, %s,', (text) => {
  it('says what to do, and does not keep its owner from signing in', async () => {
    const { environment } = homeWith({ 'sign-ins.json': text });
    await expect(readSignIn(environment, url)).rejects.toThrow('sign in again with `leasehold login`');
    await saveSignIn(environment, url, signIn);
    expect(await readSignIn(environment, url)).toEqual(signIn);
  });

  it('is no obstacle to signing out', async () => {
    const { environment } = homeWith({ 'sign-ins.json': text });
    expect(await deleteSignIn(environment, url)).toBeUndefined();
    expect(await readSignIn(environment, url)).toBeUndefined();
  });
});
