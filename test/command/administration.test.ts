import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { describe, expect, it, onTestFinished } from 'vitest';
import { program } from '../../client/command/program.ts';
import { drop, faultyServer, refuse, silence } from '../client/faulty-server.ts';
import { startService } from '../client/service.ts';
import { eventually } from '../eventually.ts';
import { leasehold, reached } from './command.ts';
import { inProcess } from './in-process.ts';

interface ListCommand {
  name: string;
  words: string[];
  takesProduct: boolean;
}

const { as, subscribe, credentials } = await startService();
const { baseUrl, organizationId, tokens } = credentials;
const ended = (args: string[], who: keyof typeof tokens = 'admin') =>
  inProcess(args, {
    LEASEHOLD_URL: baseUrl,
    LEASEHOLD_ORGANIZATION: organizationId,
    LEASEHOLD_API_KEY: tokens[who],
  });
const json = async (args: string[]) => {
  const { stdout, stderr, code } = await ended([...args, '--json']);
  expect(stdout, stderr).not.toBe('');
  return { code, value: JSON.parse(stdout) };
};

/** Every subcommand that lists something. */
const lists = (function leaves(command: Command, before: string[]): ListCommand[] {
  const words = [...before, command.name()];
  const below = command.commands.flatMap((one) => leaves(one, words));
  if (!/^(list|show) /.test(command.description())) return below;
  const takesProduct = command.options.some(({ long }) => long === '--product');
  return [...below, { name: words.slice(1).join(' '), words: words.slice(1), takesProduct }];
})(program({}, { write: () => true }, process.stdout), []);

const email = (who: string) => `${who}@acme.example`;
const idOf = async (who: string) => {
  for await (const member of as('owner').listMembers()) if (member.email === email(who)) return member.userId;
  throw new Error(`There is no ${who}.`);
};

describe('leasehold users', () => {
  const perUser = () => subscribe({ licenseType: 'per-user', quota: 2 });
  const licensed = async (product: string) =>
    (await as('owner').listLicensedUsers({ product })).items.map((user) => user.email).sort();

  it('grants licenses to several users, names those without one, and may be repeated', async () => {
    const product = await perUser();
    const grant = (...emails: string[]) => json(['users', 'grant', '--product', product, ...emails]);
    const first = await grant(email('user'), 'nobody@elsewhere.example', email('owner'), email('admin'));
    expect(first.code).toBe(75);
    expect(first.value.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'granted',
      'not-a-member',
      'granted',
      'license-quota-exceeded',
    ]);
    expect(await grant(email('user'))).toMatchObject({ code: 0, value: [{ outcome: 'already-licensed' }] });
    expect(await grant(email('admin'))).toMatchObject({ code: 75 });
    expect(await licensed(product)).toEqual([email('owner'), email('user')]);
  });

  it('takes licenses away, by email or ID, and may be repeated', async () => {
    const product = await perUser();
    await as('owner').grantLicenses({ product, emails: [email('user'), email('owner')] });
    const remove = async () => json(['users', 'remove', '--product', product, email('User'), await idOf('owner')]);
    expect(await remove()).toMatchObject({ code: 0, value: [{ outcome: 'removed' }, { outcome: 'removed' }] });
    expect(await licensed(product)).toEqual([]);
    expect(await remove()).toMatchObject({ code: 0 });
    expect(await json(['users', 'remove', '--product', product, email('admin')])).toMatchObject({
      code: 66,
      value: [{ outcome: 'not-licensed' }],
    });
  });

  it('takes none away if one name belongs to no member', async () => {
    const product = await perUser();
    await as('owner').grantLicenses({ product, emails: [email('user')] });
    expect(await ended(['users', 'remove', '--product', product, email('user'), 'uesr@acme.example'])).toMatchObject({
      code: 66,
      stdout: '',
      stderr: expect.stringContaining('uesr@acme.example'),
    });
    expect(await licensed(product)).toEqual([email('user')]);
  });

  it('transfers a license, and lists the licensed users', async () => {
    const product = await perUser();
    await as('owner').grantLicenses({ product, emails: [email('user')] });
    const transfer = await ended(['users', 'transfer', '--product', product, email('user'), email('owner')]);
    expect(transfer).toMatchObject({ code: 0, stdout: expect.stringContaining(email('owner')) });
    const { stdout } = await ended(['users', 'list', '--product', product]);
    expect(stdout).toMatch(/^EMAIL +NAME +USER ID .*\nowner@acme\.example {2}Olga Owner {2}.* {2}no\n$/);
    const unused = await ended(['users', 'list', '--product', product, '--unused-for', '1']);
    expect(unused).toMatchObject({ code: 0, stdout: expect.not.stringContaining('owner@acme.example') });
    expect(await ended(['users', 'list', '--product', product, '--unused-for', '0'])).toMatchObject({ code: 64 });
  });

  it('says that the role is not enough', async () => {
    const product = await perUser();
    expect(await ended(['users', 'list', '--product', product], 'user')).toMatchObject({ code: 77, stdout: '' });
  });
});

describe('leasehold activations', () => {
  it('lists them, moves one to another machine, and ends them; each may be repeated', async () => {
    const product = await subscribe();
    for (const sessionId of ['one', 'two'])
      await as('apiKey').activate({ product, sessionId, machineId: `m-${sessionId}`, hostname: 'a, "b"' });
    const { stdout } = await ended(['activations', 'list', '--product', product, '--csv']);
    expect(stdout).toMatch(/^License,Session ID,Machine ID,Hostname,/);
    expect(stdout).toMatch(/^\d,"one","m-one","a, ""b""",/m);

    const move = () => json(['activations', 'transfer', '--product', product, 'one', 'm-three']);
    for (const _ of ['moved', 'again'])
      expect(await move()).toMatchObject({ code: 0, value: { machineId: 'm-three' } });

    const end = () => json(['activations', 'end', '--product', product, 'one', 'two', 'none']);
    expect((await end()).value.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'ended',
      'ended',
      'not-found',
    ]);
    expect(await end()).toMatchObject({ code: 66 });
    expect(await json(['activations', 'end', '--product', product, 'one', 'two'])).toMatchObject({ code: 0 });
    expect((await as('owner').listActivations({ product })).items).toEqual([]);
  });

  it('ends a member’s own sessions with a key of scope `activate`, and goes on after a missing one', async () => {
    const product = await subscribe();
    const { key } = await as('user').createApiKey({ name: 'ci', scope: 'activate' });
    await as('user').activate({ product, machineId: 'm-1', sessionId: 'one' });
    const end = (of: string, ...sessionIds: string[]) =>
      leasehold(['activations', 'end', '--product', of, '--json', ...sessionIds], {
        LEASEHOLD_URL: baseUrl,
        LEASEHOLD_ORGANIZATION: organizationId,
        LEASEHOLD_API_KEY: key,
      }).ended;
    const { code, stdout } = await end(product, 'none', 'one');
    expect({ code, value: JSON.parse(stdout) }).toMatchObject({
      code: 66,
      value: [{ outcome: 'not-found' }, { outcome: 'ended' }],
    });
    expect(await end('NONE', 'one')).toMatchObject({ code: 66 });
  });

  it('says that the product, not the session, does not exist', async () => {
    expect(await ended(['activations', 'end', '--product', 'NONE', 'one'])).toMatchObject({
      code: 66,
      stderr: expect.stringContaining('NONE'),
    });
  });
});

describe('leasehold machines', () => {
  it('lists them, takes their licenses, and deactivates them for a time', async () => {
    const product = await subscribe();
    const activate = () => as('apiKey').activate({ product, machineId: 'm-1', sessionId: 'one' });
    await activate();
    expect(await json(['machines', 'list', '--product', product])).toMatchObject({
      value: [{ machineId: 'm-1', online: 1 }],
    });
    expect(await json(['machines', 'release', '--product', product, 'm-1'])).toMatchObject({
      value: [{ target: 'm-1', outcome: 'released' }],
    });
    expect((await as('owner').listActivations({ product })).items).toEqual([]);

    await as('apiKey').activate({ product, machineId: 'm-1', sessionId: 'two' });
    const block = (...machineIds: string[]) =>
      json(['machines', 'remove', '--product', product, '--block', '90s', ...machineIds]);
    for (const _ of ['blocked', 'again'])
      expect(await block('m-1')).toMatchObject({ code: 0, value: [{ outcome: 'removed', detail: null }] });
    expect(await block('m-2')).toMatchObject({
      code: 66,
      value: [{ outcome: 'not-registered', detail: expect.stringContaining('could not be blocked') }],
    });
    expect(await json(['machines', 'remove', '--product', product, 'm-2'])).toMatchObject({ code: 66 });
    await expect(as('apiKey').activate({ product, machineId: 'm-1', sessionId: 'three' })).rejects.toThrow();
  });

  it('goes on after a machine with an offline license, and sets the exit code', async () => {
    const product = await subscribe();
    await as('owner').issueOfflineLicense({ product, machineId: 'm-1' });
    await as('apiKey').activate({ product, machineId: 'm-2', sessionId: 'one' });
    expect(await json(['machines', 'remove', '--product', product, 'm-1', 'm-2'])).toMatchObject({
      code: 77,
      value: [{ outcome: 'offline-license-active', detail: expect.stringContaining('m-1') }, { outcome: 'removed' }],
    });
  });
});

describe('an operation on several targets', () => {
  const gone = (response: ServerResponse) => void response.writeHead(204).end();
  const environment = (url: string) => ({
    LEASEHOLD_URL: url,
    LEASEHOLD_ORGANIZATION: 'org_1',
    LEASEHOLD_API_KEY: 'lh_a_b',
  });
  const remove = ['machines', 'remove', '--product', 'KRE'];

  it.each([[[]], [['--json']], [['--csv']]])(
    'is done to all, although nobody reads what became of them: %j',
    async (how) => {
      const { baseUrl, arrived } = await faultyServer(gone);
      const { child, ended } = leasehold([...remove, ...how, 'm-1', 'm-2', 'm-3'], environment(baseUrl));
      child.stdout.destroy();
      expect(await ended).toMatchObject({ code: 141, stderr: '' });
      expect(arrived.map(({ url }) => url.split('/').at(-1))).toEqual(['m-1', 'm-2', 'm-3']);
    },
  );

  it('stops at a signal, and prints the outcomes so far', async () => {
    const { baseUrl, arrived } = await faultyServer(gone, async (response) => {
      child.kill('SIGINT');
      await reached(child.pid, 'SIGINT');
      await sleep(200);
      gone(response);
    });
    const { child, ended } = leasehold([...remove, 'm-1', 'm-2', 'm-3'], environment(baseUrl));
    const { signal, stdout } = await ended;
    expect({ signal, stdout }).toEqual({
      signal: 'SIGINT',
      stdout: 'MACHINE  OUTCOME  DETAIL\nm-1      removed  -\nm-2      removed  -\n',
    });
    expect(arrived).toHaveLength(2);
  });

  it('is ended at once by a second signal', async () => {
    const twice = () => {
      child.kill('SIGINT');
      setTimeout(() => child.kill('SIGTERM'), 200);
    };
    const { baseUrl } = await faultyServer(twice, silence);
    const { child, ended } = leasehold([...remove, 'm-1'], environment(baseUrl));
    expect(await ended).toMatchObject({ signal: 'SIGTERM', stdout: '' });
  });

  it('has the highest exit code of its targets', async () => {
    const { baseUrl } = await faultyServer(
      refuse(403, 'forbidden'),
      refuse(409, 'license-quota-exceeded', { nextFreeAt: null }),
    );
    expect(await leasehold([...remove, 'm-1', 'm-2'], environment(baseUrl)).ended).toMatchObject({ code: 77 });
  });
});

describe('leasehold offline', () => {
  const folder = () => {
    const path = mkdtempSync(join(tmpdir(), 'leasehold-files-'));
    onTestFinished(() => rmSync(path, { recursive: true, force: true }));
    return path;
  };

  it('issues one license for one key, writes its file, downloads it again, and lists it', async () => {
    const product = await subscribe();
    const file = join(folder(), 'm.lic');
    const issue = () =>
      json([
        'offline',
        'issue',
        '--product',
        product,
        '--description',
        '=1',
        '--idempotency-key',
        'build-host-1-of-2027',
        '--output',
        file,
        'm-1',
      ]);
    const first = await issue();
    expect(first).toMatchObject({ code: 0, value: { machineId: 'm-1', description: '=1', file } });
    const text = readFileSync(file, 'utf8');
    expect(text).toBe(await as('owner').getOfflineLicenseFile({ product, licenseId: first.value.id }));
    expect((await issue()).value.id).toBe(first.value.id);

    const again = join(folder(), 'again.lic');
    const get = ['offline', 'download', '--product', product, '--output', again, first.value.id];
    for (const _ of ['written', 'there']) expect(await ended(get)).toMatchObject({ code: 0 });
    expect(readFileSync(again, 'utf8')).toBe(text);

    const { stdout } = await ended(['offline', 'list', '--product', product, '--csv']);
    expect(stdout).toMatch(new RegExp(`^ID,.*\\r\\n"${first.value.id}","m-1","active",.*,,"'=1"\\r\\n$`));
  });

  it('overwrites no other file, and issues nothing whose file it could not write', async () => {
    const product = await subscribe();
    const file = join(folder(), 'm.lic');
    writeFileSync(file, 'another');
    for (const output of [file, dirname(file), join(folder(), 'none', 'm.lic')])
      expect(await ended(['offline', 'issue', '--product', product, '--output', output, 'm-1'])).toMatchObject({
        code: 64,
        stdout: '',
        stderr: expect.stringMatching(/othing was issued/),
      });
    expect((await as('owner').listOfflineLicenses({ product })).items).toEqual([]);
    expect(readFileSync(file, 'utf8')).toBe('another');
  });

  it('says how to get the file of a license that was issued, if it could not be written', async () => {
    const product = await subscribe();
    const file = join(folder(), 'm.lic');
    writeFileSync(file, 'another');
    const key = ['--idempotency-key', 'build-host-1-of-2027'];
    const issue = ['offline', 'issue', '--product', product, ...key, '--output', file, 'm-1'];
    const { code, stderr } = await ended(issue);
    expect(code).toBe(64);
    const [{ id = '' } = {}] = (await as('owner').listOfflineLicenses({ product })).items;
    expect(stderr).toContain(`leasehold offline download ${id} --product ${product}`);
    expect(readFileSync(file, 'utf8')).toBe('another');
  });

  it('writes a file for each license of one machine', async () => {
    const product = await subscribe();
    const cwd = folder();
    const issue = async () => {
      const environment = {
        LEASEHOLD_URL: baseUrl,
        LEASEHOLD_ORGANIZATION: organizationId,
        LEASEHOLD_API_KEY: tokens.admin,
      };
      const line = ['offline', 'issue', '--product', product, '--json', 'm-1'];
      return JSON.parse((await leasehold(line, environment, { cwd }).ended).stdout);
    };
    const [first, second] = [await issue(), await issue()];
    expect([first.file, second.file]).toEqual([`${product}_m-1.lic`, `${product}_m-1~${second.id}.lic`]);
    for (const { id, file } of [first, second])
      expect(readFileSync(join(cwd, file), 'utf8')).toBe(
        await as('owner').getOfflineLicenseFile({ product, licenseId: id }),
      );
  });

  it.each([
    ['its answer is lost', drop, { code: 69 }],
    ['a signal comes', silence, { signal: 'SIGINT' }],
  ])('says how to repeat it without a second license if %s', async (_, reaction, ending) => {
    const { baseUrl, arrived } = await faultyServer((response, request) => {
      if (reaction === silence) child.kill('SIGINT');
      return reaction(response, request);
    });
    const configured = { LEASEHOLD_URL: baseUrl, LEASEHOLD_ORGANIZATION: 'org_1', LEASEHOLD_API_KEY: 'lh_a_b' };
    const { child, ended } = leasehold(['offline', 'issue', '--product', 'KRE', 'm-1'], configured);
    const { stderr, ...how } = await ended;
    expect(how).toMatchObject(ending);
    expect(stderr).toContain(`--idempotency-key ${arrived[0]?.headers['idempotency-key']},`);
  });
});

describe('reports', () => {
  it('list the organizations and their products', async () => {
    const { stdout } = await leasehold(['organizations'], { LEASEHOLD_URL: baseUrl, LEASEHOLD_API_KEY: tokens.user })
      .ended;
    expect(stdout).toContain(organizationId);
    const product = await subscribe({ quota: 7 });
    const { value } = await json(['subscriptions']);
    expect(value).toContainEqual(expect.objectContaining({ product, quota: 7, available: 7 }));
    // Without the figures: a user may not see them.
    expect((await ended(['subscriptions', '--csv'], 'user')).stdout).toMatch(
      new RegExp(`^"${product}","${product}","floating","active",,,,,,,,,\\r$`, 'm'),
    );
  });

  it('list the sessions and the usage; the CSV files are the service’s own', async () => {
    const product = await subscribe();
    await as('apiKey').activate({ product, machineId: 'm-1', sessionId: 'one' });
    await eventually(async () => expect((await as('owner').listSessions({ product })).items).toHaveLength(1));

    const sessions = ['sessions', '--product', product];
    expect(await json([...sessions, '--user', email('user')])).toMatchObject({ value: [{ sessionId: 'one' }] });
    expect(await json([...sessions, '--machine-id', 'm-2'])).toMatchObject({ value: [] });
    expect((await ended([...sessions, '--csv'])).stdout).toMatch(
      /^Username,User email,.*\r\n"Uma User",.*,"one","m-1",/,
    );

    const usage = ['usage', '--product', product, '--granularity', 'day'];
    expect((await json(usage)).value.at(-1)).toMatchObject({ peak: 1, machines: 1 });
    expect((await ended(usage)).stdout).toMatch(/^FROM .* WAITED +AVERAGE WAIT +LONGEST WAIT\n/);
    expect((await ended([...usage, '--csv'])).stdout).toMatch(/^From,Peak,Average,/);
    const wrong = await ended([...usage, '--from', 'yesterday']);
    expect(wrong).toMatchObject({ code: 64, stderr: expect.stringContaining('from') });
  });

  it.each(lists)('$name --csv prints a heading and the items', async ({ name, words, takesProduct }) => {
    const product = await subscribe();
    await as('apiKey').activate({ product, machineId: 'm-1', sessionId: 'one' });
    const args = [...words, ...(takesProduct ? ['--product', product] : []), '--csv'];
    const { code, stdout, stderr } = await ended(args, name.startsWith('vendor') ? 'vendor' : 'owner');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[A-Z][\w ]*(,[\w ]+)+\r\n/);
    if (['status', 'activations list', 'machines list'].includes(name)) expect(stdout).toContain('"m-1"');
  });

  it('follow a list to its end', async () => {
    const pages = createServer((request, response) => {
      const last = request.url?.includes('cursor=next');
      const items = [{ id: last ? 'org_2' : 'org_1', name: 'n', role: 'owner' }];
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ items, ...(!last && { nextCursor: 'next' }) }));
    });
    await once(pages.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void pages.close());
    const { port } = pages.address() as AddressInfo;
    const environment = { LEASEHOLD_URL: `http://127.0.0.1:${port}`, LEASEHOLD_API_KEY: 'lh_a_b' };
    expect((await leasehold(['organizations', '--csv'], environment).ended).stdout).toBe(
      'ID,Name,Role\r\n"org_1","n","owner"\r\n"org_2","n","owner"\r\n',
    );
  });
});
