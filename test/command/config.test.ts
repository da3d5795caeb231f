import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CommandFailed } from '../../client/command/exit-codes.ts';
import { configurationOf, configurationOfText, configure, homeOf } from '../../client/command/settings/config.ts';
import { secondsOf } from '../../client/command/settings/parse-duration.ts';

describe('the configuration', () => {
  it('comes from the flags, then the environment, then the file', () => {
    const environment = { LEASEHOLD_URL: 'https://environment', LEASEHOLD_ORGANIZATION: 'org_environment' };
    const file = { url: 'https://file', organization: 'org_file', apiKey: 'lh_file' };
    expect(configurationOf({ url: 'https://flag' }, environment, file)).toEqual({
      url: 'https://flag',
      organization: 'org_environment',
      apiKey: 'lh_file',
    });
  });

  it('ignores a variable that is empty, as CI leaves secrets that do not exist', () => {
    expect(configurationOf({}, { LEASEHOLD_API_KEY: '' }, { apiKey: 'lh_file' })).toEqual({ apiKey: 'lh_file' });
    expect(configurationOf({}, { LEASEHOLD_API_KEY: '' })).toEqual({});
  });

  it.each([
    ['no JSON', '{', 'no JSON'],
    ['no object', '["url"]', 'no JSON object'],
    ['a setting that does not exist', '{"uri": "https://x"}', 'no setting "uri"'],
    ['what is no text', '{"url": 1}', '"url" must be a text'],
  ])('refuses a file with %s, and says where and what', (_, text, message) => {
    const read = () => configurationOfText(text, '/etc/x.json');
    expect(read).toThrow(`/etc/x.json: `);
    expect(read).toThrow(message);
    expect(read).toThrow(CommandFailed);
  });

  it('does not need the file in the home folder, but a named file must exist', async () => {
    const home = mkdtempSync(join(tmpdir(), 'leasehold-home-'));
    onTestFinished(() => rmSync(home, { recursive: true }));
    const environment = { XDG_CONFIG_HOME: home, APPDATA: home };
    expect(await configure({}, environment)).toEqual({});
    const named = join(home, 'named.json');
    await expect(configure({}, { ...environment, LEASEHOLD_CONFIG: named })).rejects.toThrow("can't be read");
    writeFileSync(named, '{"url": "https://named"}');
    expect(await configure({}, { ...environment, LEASEHOLD_CONFIG: named })).toEqual({ url: 'https://named' });
    expect(await configure({}, environment, named)).toEqual({ url: 'https://named' });
  });

  it('has its folder where the system keeps configuration', () => {
    expect(homeOf({}, 'linux', '/home/a')).toBe('/home/a/.config/leasehold');
    expect(homeOf({ XDG_CONFIG_HOME: '/x' }, 'linux', '/home/a')).toBe('/x/leasehold');
  });
});

describe('a duration', () => {
  it.each([
    ['0', 0],
    ['90', 90],
    ['90s', 90],
    ['10m', 600],
    ['1h30m', 5400],
    ['24h', 86_400],
  ])('%s is %d seconds', (text, seconds) => expect(secondsOf(text)).toBe(seconds));

  it.each(['', 'm', '10 m', '-1', '1.5h', '10d', '5m1h'])('is not "%s"', (text) =>
    expect(secondsOf(text)).toBeUndefined(),
  );
});
