import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { writeSingleFile } from '../../release/build.ts';
import { faultyServer, json, type Reaction } from '../client/faulty-server.ts';
import { startRunner } from '../command/runner.ts';
import { eventually } from '../eventually.ts';

const { as, subscribe, environment, online } = await startRunner();
const folder = mkdtempSync(join(tmpdir(), 'leasehold-release-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { PATH = '' } = process.env;
/** What a runner sets; the organization is left to the key. */
const settings = { PATH, HOME: folder, ...environment, LEASEHOLD_ORGANIZATION: '' };

/** Starts a program, and waits for what it prints. */
const start = (command: string, args: string[], more: Record<string, string> = {}) => {
  const child = spawn(command, args, { cwd: folder, env: { ...settings, ...more } });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (more) => (text += more));
  const ended = new Promise<{ code: number | null; text: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, text })),
  );
  const saw = (words: string) => eventually(() => expect(text).toContain(words));
  return { child, ended, saw };
};

describe('the action of GitHub', () => {
  const action = join(folder, 'action');
  const state = join(folder, 'state');
  const run = async (step: string, more: Record<string, string>) =>
    start(process.execPath, [join(action, step)], more).ended;
  const prepare = async () => {
    cpSync('release/action', action, { recursive: true });
    await writeSingleFile(join(action, 'leasehold.cjs'));
    writeFileSync(state, '');
  };
  const inputs = (product: string) => ({
    GITHUB_ACTIONS: 'true',
    GITHUB_STATE: state,
    RUNNER_TEMP: folder,
    INPUT_PRODUCT: product,
    INPUT_URL: environment.LEASEHOLD_URL,
    'INPUT_API-KEY': environment.LEASEHOLD_API_KEY,
    INPUT_WAIT: '0s',
    'INPUT_SESSION-ID': 'the-job',
  });
  /** The state that the first step left for the last, as GitHub passes it. */
  const saved = () =>
    Object.fromEntries(
      [...readFileSync(state, 'utf8').matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [
        `STATE_${name}`,
        value ?? '',
      ]),
    );

  it('holds a license between its first step and its last, and says when it was lost or refused', async () => {
    await prepare();
    const product = await subscribe({ quota: 1 });
    const taken = await run('take.mjs', inputs(product));
    expect(taken).toMatchObject({ code: 0, text: expect.stringContaining('::add-mask::lh_') });
    expect(await online(product)).toEqual(['the-job']);
    const refused = await run('take.mjs', {
      ...inputs(product),
      'INPUT_SESSION-ID': 'second',
      GITHUB_STATE: join(folder, 'other'),
    });
    expect(refused).toMatchObject({ code: 75, text: expect.stringMatching(/::error title=leasehold::The only/) });
    expect(await run('give-back.mjs', saved())).toMatchObject({ code: 0 });
    expect(await online(product)).toEqual([]);

    writeFileSync(state, '');
    await run('take.mjs', inputs(product));
    await as('owner').deactivate({ product, sessionId: 'the-job' });
    const pid = Number(saved().STATE_pid);
    // A heartbeat at once.
    process.kill(pid, 'SIGCONT');
    await eventually(() => expect(() => process.kill(pid, 0)).toThrow());
    const lost = await run('give-back.mjs', saved());
    expect(lost).toMatchObject({ code: 1, text: expect.stringContaining('The license was lost: license-removed') });

    // In a job container, process 1 leaves ended processes as zombies.
    if (process.platform !== 'linux') return;
    const parent = start('sh', ['-c', 'sleep 600 & echo $!; exec sleep 600']);
    onTestFinished(() => void parent.child.kill());
    const zombie = String(await once(parent.child.stdout, 'data')).trim();
    const shows = (file: string, text: string) =>
      eventually(() => expect(readFileSync(`/proc/${file}`, 'utf8')).toContain(text));
    await shows(`${parent.child.pid}/comm`, 'sleep');
    process.kill(Number(zombie));
    await shows(`${zombie}/stat`, ' Z ');
    expect(await run('give-back.mjs', { ...saved(), STATE_pid: zombie })).toMatchObject({ code: 1 });
  });
});

const has = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const clients = [
  {
    language: 'Python',
    missing: has('python3', '-c', 'import sys; sys.exit(sys.version_info < (3, 9))') ? undefined : 'Python 3.9',
    program: () => ['python3', join(process.cwd(), 'test/release/example.py')],
    more: { PYTHONPATH: join(process.cwd(), 'release/python'), PYTHONDONTWRITEBYTECODE: '1' } as Record<string, string>,
  },
  {
    language: 'Java',
    missing: has('javac', '--version') ? undefined : 'a JDK (javac)',
    program: () => {
      if (!existsSync(join(folder, 'Example.class')))
        execFileSync('javac', ['-d', folder, 'release/java/License.java', 'test/release/Example.java']);
      return ['java', '-XX:TieredStopAtLevel=1', '-cp', folder, 'Example'];
    },
    more: {} as Record<string, string>,
  },
];

describe('the client of another language', () => {
  it.each(clients)(
    '$language: waits, holds, gives back, and tells a refusal and a loss',
    async ({ missing, program, more }) => {
      if (missing) return console.warn(`This machine has no ${missing}: its client was not tested.`);
      const [command = '', ...args] = program();
      const product = await subscribe({ quota: 1, leaseSeconds: 15 });
      const hold = (sessionId: string, wait: number) =>
        start(command, [...args, product, String(wait)], { ...more, LEASEHOLD_SESSION_ID: sessionId });
      const first = hold('the/first', 0);
      await first.saw('held');
      expect(await online(product)).toEqual(['the/first']);

      const refused = hold('refused', 0);
      expect(await refused.ended).toMatchObject({ code: 3, text: expect.stringContaining('license is in use') });
      const second = hold('second', 60);
      await eventually(async () => expect((await as('owner').getSubscription({ product })).queue.length).toBe(1));
      first.child.stdin.end('\n');
      expect(await first.ended).toMatchObject({ code: 0 });
      await second.saw('held');
      expect(await online(product)).toEqual(['second']);

      await as('owner').deactivate({ product, sessionId: 'second' });
      expect(await second.ended).toMatchObject({ code: 3, text: expect.stringContaining('The license was lost') });
    },
  );

  it.each(clients)(
    '$language: tries again after answers that break off, and tells the loss at the end of the lease',
    async ({ missing, program, more }) => {
      if (missing) return console.warn(`This machine has no ${missing}: its client was not tested.`);
      const breaksOff: Reaction = (response) =>
        void response.writeHead(200, { 'content-length': 500 }).write('{', () => response.destroy());
      const garbage: Reaction = ({ socket }) => void socket?.end('garbage\r\n\r\n');
      const stalls: Reaction = (response) => void response.writeHead(503, { 'content-length': 500 }).flushHeaders();
      const activation = json(201, { status: 'active', seat: 1, fence: 1, heartbeatSeconds: 1 });
      const { baseUrl } = await faultyServer(breaksOff, activation, breaksOff, garbage, (response, request) =>
        (request.method === 'POST' ? stalls : breaksOff)(response, request),
      );
      const [command = '', ...args] = program();
      const settings = { LEASEHOLD_URL: baseUrl, LEASEHOLD_ORGANIZATION: 'org_1' };
      const { ended } = start(command, [...args, 'KRE', '1'], { ...more, ...settings });
      expect(await ended).toEqual({ code: 3, text: 'held\nThe license was lost: unreachable.\n' });
    },
  );
});
