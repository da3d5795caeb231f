import { execFile, execFileSync, spawn } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { accounts } from '../../infra/local/demo-accounts.ts';
import { onDatabase } from '../console/stack.ts';
import { eventually } from '../eventually.ts';
import { createDatabase } from '../table/support/database.ts';
import { startTarget } from '../webhook-target.ts';
import { type Credentials, makeDataDir, processesOn, runStack, type StackProcess, takePort } from './stack-process.ts';

const activations = ({ baseUrl, organizationId }: Credentials, product = 'KRE') =>
  `${baseUrl}/v1/organizations/${organizationId}/subscriptions/${product}/activations`;

const activate = (credentials: Credentials, sessionId: string) =>
  fetch(activations(credentials), {
    method: 'POST',
    headers: { authorization: `Bearer ${credentials.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ machineId: 'runner-1', sessionId }),
  });

const get = async (credentials: Credentials, path: string, token: string) => {
  const response = await fetch(`${credentials.baseUrl}/v1/organizations/${credentials.organizationId}${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

const oneSentence = /^[^\n]+[.!]\n$/;

/** Starts a stack that can't start, and returns its sentence. */
const refusalOf = async (environment: Record<string, string>, nodeArgs?: string[]) => {
  const dataDir = environment.LEASEHOLD_DATA_DIR ?? makeDataDir();
  const stack = runStack({ LEASEHOLD_DATA_DIR: dataDir, ...environment }, { nodeArgs });
  expect(await stack.exit).toBe(1);
  const { stdout, stderr } = stack.output();
  expect(stdout).toBe('');
  expect(stderr).toMatch(oneSentence);
  return stderr;
};

/** The modes of a directory and of all in it that others may do anything with. */
const open = (dataDir: string) =>
  ['', ...readdirSync(dataDir, { recursive: true, encoding: 'utf8' })].filter(
    (name) => (statSync(join(dataDir, name)).mode & 0o077) !== 0,
  );

describe('a running stack', () => {
  let dataDir: string;
  let stack: StackProcess;
  let credentials: Credentials;
  beforeAll(async () => {
    dataDir = makeDataDir(afterAll);
    stack = runStack({ LEASEHOLD_DATA_DIR: dataDir }, { over: afterAll });
    credentials = await stack.ready;
  });

  it('is ready at its first start, with an organization, people and a key, and a first call to paste', async () => {
    const { stdout, stderr } = stack.output();
    expect(stderr).toBe('');
    expect(stdout).toContain(`Leasehold is ready at ${credentials.baseUrl}`);
    expect(stdout).toContain(`${credentials.baseUrl}/docs`);
    expect(stdout).toContain(join(dataDir, 'credentials.json'));
    expect(statSync(join(dataDir, 'credentials.json')).mode & 0o777).toBe(0o600);

    // The call to paste, pasted.
    const command = stdout.slice(stdout.indexOf('curl ')).trim();
    const answer = JSON.parse(execFileSync('sh', ['-c', command], { encoding: 'utf8' }));
    expect(answer).toMatchObject({
      status: 'active',
      product: 'KRE',
      machineId: 'runner-07',
      seat: expect.any(Number),
    });

    const { tokens } = credentials;
    expect(await get(credentials, '/subscriptions/KRE', tokens.owner)).toMatchObject({
      status: 200,
      body: { licenseType: 'floating', quota: 10, inUse: { online: 1 } },
    });
    expect(await get(credentials, '/subscriptions/KSE', tokens.billingManager)).toMatchObject({
      status: 200,
      body: { licenseType: 'per-user', quota: 5 },
    });
    const members = (await get(credentials, '/members', tokens.admin)).body.items as { email: string; role: string }[];
    expect(Object.fromEntries(members.map(({ email, role }) => [email, role]))).toEqual({
      'owner@acme.example': 'owner',
      'admin@acme.example': 'admin',
      'billing-manager@acme.example': 'billing-manager',
      'user@acme.example': 'user',
    });
    // Scope `activate`: the key may not do all that its member may.
    expect((await get(credentials, '', tokens.user)).status).toBe(200);
    expect((await get(credentials, '', credentials.apiKey)).status).toBe(403);
  });

  it('mails an invitation to the outbox, with a link to the page; the log does not contain the token', async () => {
    const { baseUrl, organizationId, tokens } = credentials;
    const invited = await fetch(`${baseUrl}/v1/organizations/${organizationId}/invitations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.owner}`, 'content-type': 'application/json' },
      body: JSON.stringify({ emails: ['bob@acme.example'], role: 'user' }),
    });
    const { items } = (await invited.json()) as { items: { invitation: { token: string } }[] };
    const outbox = join(dataDir, 'outbox');
    const mails = () => readdirSync(outbox).map((name) => readFileSync(join(outbox, name), 'utf8'));
    const toBob = expect.stringContaining('To: bob@acme.example');
    await eventually(() => expect(mails()).toContainEqual(toBob));
    const mail = mails().find((one) => one.includes('To: bob@acme.example')) ?? '';
    // Lines of a message end softly after 76 characters.
    expect(mail.replaceAll('=\r\n', '')).toContain(`${baseUrl}/invitations/${items[0]!.invitation.token}`);
    expect(readFileSync(join(dataDir, 'leasehold.log'), 'utf8')).not.toMatch(/lhi_|bob@acme/);
    expect(stack.output().stdout).toContain(outbox);
  });

  it('sends signed events to a webhook on this machine once its server has answered the challenge', async () => {
    const target = await startTarget();
    const { baseUrl, organizationId, tokens } = credentials;
    const response = await fetch(`${baseUrl}/v1/organizations/${organizationId}/webhooks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.owner}`, 'content-type': 'application/json' },
      body: JSON.stringify({ url: target.url, events: ['activation.started', 'webhook.*'] }),
    });
    const created = (await response.json()) as { id: string; secret: string; confirmedAt: null };
    expect(created.confirmedAt).toBeNull();
    const { id, secret } = created;
    const confirmed = async () => {
      const { body } = await get(credentials, '/webhooks', tokens.admin);
      expect(body.items).toMatchObject([{ id, confirmedAt: expect.any(String) }]);
    };
    await eventually(confirmed);
    expect((await activate(credentials, 'told')).status).toBe(201);
    /** The bodies of the messages, by ID: a target that is slow to answer gets a message once more. */
    const told = () =>
      new Map(
        target.events.map(({ headers, body }) => [headers['webhook-id'], new Webhook(secret).verify(body, headers)]),
      );
    await eventually(() => expect(told().size).toBe(2));
    expect([...told().values()]).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: 'webhook.confirmed' }),
        expect.objectContaining({
          type: 'activation.started',
          data: expect.objectContaining({ organizationId, target: { type: 'activation', id: 'told' } }),
        }),
      ]),
    );
    await eventually(async () => {
      const sent = [...target.challenges, ...target.events].map(({ headers }) => headers['webhook-id']);
      const times = (id: string) => sent.filter((other) => other === id).length;
      const { body } = await get(credentials, `/webhooks/${id}/deliveries?status=delivered`, tokens.admin);
      const items = body.items as { id: string; attempts: number }[];
      expect(new Set(items.map(({ id }) => id))).toEqual(new Set(sent));
      expect(items.map(({ attempts }) => attempts)).toEqual(items.map(({ id }) => times(id)));
      expect(items).toHaveLength(3);
    });
  });

  describe('the smoke test of a deployment', () => {
    const smoke = (url: string, args: string[] = [], credential: object = { LEASEHOLD_TOKEN: token }) => {
      const { PATH = '' } = process.env;
      const child = spawn(process.execPath, ['infra/operations/smoke.ts', '--url', url, ...args], {
        env: { PATH, ...credential },
      });
      let text = '';
      const ended = new Promise<{ code: number | null; text: string }>((resolve) =>
        child.on('close', (code) => resolve({ code, text })),
      );
      /** Waits until the run has printed some words. */
      const said = (words: string) =>
        new Promise<void>((resolve, reject) => {
          for (const stream of [child.stdout, child.stderr]) stream.on('data', () => text.includes(words) && resolve());
          ended.then(() => reject(new Error(`It ended: ${text}`)));
        });
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => {
          text += chunk;
        });
      return { child, ended, said };
    };
    /** A proxy of the service, whose requests a test may answer, or keep waiting, first. Returns its address. */
    const startProxy = (first: (request: IncomingMessage, response: ServerResponse) => unknown): string => {
      const proxy = createServer(async (request, response) => {
        await first(request, response);
        if (response.writableEnded) return;
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const { authorization = '', 'content-type': type = 'application/json' } = request.headers;
        const answer = await fetch(`${credentials.baseUrl}${request.url}`, {
          method: request.method ?? 'GET',
          headers: { authorization, 'content-type': type },
          ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
        });
        response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
        response.end(Buffer.from(await answer.arrayBuffer()));
      }).listen(0);
      onTestFinished(() => void proxy.close());
      return `http://localhost:${(proxy.address() as AddressInfo).port}`;
    };
    /** Runs the smoke test until it holds a license, and sends it a signal then: it gets no further before that. */
    const interrupted = async (signal: NodeJS.Signals) => {
      const sent = Promise.withResolvers<void>();
      const run = smoke(startProxy(({ url }) => url?.endsWith('/heartbeat') && sent.promise));
      await run.said('ok   activate');
      run.child.kill(signal);
      sent.resolve();
      return run.ended;
    };
    const passed = (text: string) => [...text.matchAll(/^ok {3}(.+?) +\d+\.\d\d s/gm)].map(([, name]) => name);
    let organizationId: string;
    let token: string;
    /** The sessions, license files, webhooks and keys that a run makes. */
    const left = async () => {
      const at = (path: string) => get({ ...credentials, organizationId }, path, token);
      const answers = await Promise.all(
        ['/subscriptions/SMOKE/activations', '/subscriptions/SMOKE/offline-licenses', '/webhooks', '/api-keys'].map(at),
      );
      return answers.flatMap(({ body }) =>
        (body.items as { status?: string }[]).filter(({ status = 'active' }) => status === 'active'),
      );
    };
    beforeAll(async () => {
      // With one more space: the gateway remembers for 30 seconds that the holder of the token was no owner yet.
      token = ` ${credentials.tokens.vendor}`;
      const made = await fetch(`${credentials.baseUrl}/v1/organizations`, {
        method: 'POST',
        headers: { authorization: `Bearer ${credentials.tokens.vendor}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: `Tests of ${accounts.vendor.email}`, ownerEmail: accounts.vendor.email }),
      });
      organizationId = ((await made.json()) as { id: string }).id;
    });

    it('leaves a session and a key when it is killed', async () => {
      await interrupted('SIGKILL');
      expect(await left()).toHaveLength(2);
    });

    it('finds and removes the rest of a killed run, names the step that fails, and cleans up after it', async () => {
      // A deployment that publishes other keys than it signs with.
      const url = startProxy(
        (request, response) =>
          request.url === '/.well-known/jwks.json' &&
          response
            .setHeader('content-type', 'application/json')
            .end(
              '{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"other","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}',
            ),
      );
      const { code, text } = await smoke(url).ended;
      expect(text).toMatch(
        /ok {3}release .*\nFAIL offline license .*signed with a key that is not trusted here.*\nok {3}clean-up/,
      );
      expect(code).toBe(1);
      expect(await left()).toEqual([]);
    });

    it('cleans up when it is interrupted', async () => {
      expect(await interrupted('SIGINT')).toMatchObject({
        code: 1,
        text: expect.stringContaining('Interrupted by SIGINT'),
      });
      expect(await left()).toEqual([]);
    });

    it('goes through every step, prints a line with the time of each, and leaves nothing', async () => {
      const { code, text } = await smoke(credentials.baseUrl, ['--webhook-port', '0']).ended;
      expect(passed(text)).toEqual([
        ...['health', 'sign-in', 'sale', 'activate', 'heartbeat', 'refusal', 'queue', 'release', 'offline license'],
        ...['webhook', 'audit', 'clean-up'],
      ]);
      expect(code).toBe(0);
      expect(await left()).toEqual([]);
    });

    it('goes through the steps of a runner with an API key, and leaves out the others', async () => {
      const made = await fetch(`${credentials.baseUrl}/v1/organizations/${organizationId}/api-keys`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: '{"name": "Pipeline"}',
      });
      const { key } = (await made.json()) as { key: string };
      const { code, text } = await smoke(credentials.baseUrl, [], { LEASEHOLD_API_KEY: key }).ended;
      expect(passed(text)).toEqual(
        ['health', 'sign-in', 'activate', 'heartbeat', 'refusal', 'queue', 'release', 'clean-up'], //
      );
      expect(text).toContain("left out without the vendor's sign-in: sale, offline license, webhook, audit");
      expect(code).toBe(0);
    });

    it('goes on each minute as the canary, whose key an operator puts where the canary of its stage reads it, or nowhere', async () => {
      const parameters = new Map<string, { Name: string; Value: string; Type: string }>();
      // CloudFormation and the Systems Manager of an account with the stage `prod` alone.
      const aws = createServer(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const body = Buffer.concat(chunks).toString();
        if (request.headers['x-amz-target'] === undefined) {
          const isDeployed = new URLSearchParams(body).get('StackName') === 'LeaseholdProdFunctions';
          response.writeHead(isDeployed ? 200 : 400, { 'content-type': 'text/xml' });
          response.end(
            isDeployed
              ? '<DescribeStacksResponse><DescribeStacksResult><Stacks><member/></Stacks></DescribeStacksResult></DescribeStacksResponse>'
              : '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>no stack</Message></Error></ErrorResponse>',
          );
          return;
        }
        const asked = JSON.parse(body);
        const isPut = request.headers['x-amz-target'] === 'AmazonSSM.PutParameter';
        if (isPut) parameters.set(asked.Name, asked);
        response.setHeader('content-type', 'application/x-amz-json-1.1');
        response.end(JSON.stringify(isPut ? { Version: 1 } : { Parameter: parameters.get(asked.Name) }));
      }).listen(0);
      onTestFinished(() => void aws.close());
      const run = (args: string[], environment: object) =>
        promisify(execFile)(process.execPath, args, {
          env: {
            PATH: process.env.PATH,
            AWS_REGION: 'eu-central-1',
            AWS_ACCESS_KEY_ID: 'operator',
            AWS_SECRET_ACCESS_KEY: 'secret',
            AWS_ENDPOINT_URL: `http://localhost:${(aws.address() as AddressInfo).port}`,
            ...environment,
          },
        });
      const parameter = '/LeaseholdProdFunctions/canary-key';
      const putKey = (...options: string[]) =>
        run(['infra/operations/canary-key.ts', '--url', credentials.baseUrl, ...options], { LEASEHOLD_TOKEN: token });
      /** Runs the canary twice in one instance, and returns what it measured. */
      const canary = async (url = credentials.baseUrl) => {
        const script = `const { handler } = await import('./functions/canary.ts'); await handler(); await handler();`;
        const { stdout } = await run(['--input-type=module', '--eval', script], {
          SERVICE_URL: url,
          CANARY_KEY_PARAMETER: parameter,
          POWERTOOLS_SERVICE_NAME: 'leasehold',
          POWERTOOLS_METRICS_NAMESPACE: 'Leasehold',
          POWERTOOLS_LOG_LEVEL: 'SILENT',
        });
        const lines = stdout.split('\n').filter((line) => line.includes('"_aws"'));
        const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
        return told.map(({ operation, CanaryPassed }) => operation ?? `passed ${CanaryPassed}`);
      };

      const { stdout } = await putKey('--stage', 'prod');
      const first = parameters.get(parameter)!;
      expect(first).toMatchObject({ Type: 'SecureString', Value: expect.stringMatching(/^lh_/) });
      expect(stdout).not.toContain(first.Value);
      const passes = ['activate', 'heartbeat', 'release', 'passed 1'];
      expect(await canary()).toEqual([...passes, ...passes]);

      // Without the stage: the key that the canary has stays, and stays valid.
      await expect(putKey()).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringContaining('There is no stack LeaseholdFunctions in this account and Region'),
      });
      expect([...parameters.keys()]).toEqual([parameter]);
      expect(await canary()).toEqual([...passes, ...passes]);

      await putKey('--stage', 'prod');
      expect(parameters.get(parameter)!.Value).not.toBe(first.Value);
      expect(await canary()).toEqual([...passes, ...passes]);
      expect(await canary('http://localhost:1')).toEqual([]);
    });
  });

  it('keeps running when a second one is started on its data, which says so', async () => {
    expect(await refusalOf({ LEASEHOLD_DATA_DIR: dataDir })).toMatch(`already runs on the data in ${dataDir}: `);
    expect((await activate(credentials, 'undisturbed')).status).toBe(201);
  });

  it('ends with one sentence and exit code 1 when the database dies', async () => {
    const [java] = processesOn(dataDir).filter(({ command }) => !command.includes('watchdog.mjs'));
    process.kill(java!.pid, 'SIGKILL');
    expect(await stack.exit).toBe(1);
    expect(stack.output().stderr).toMatch(/^DynamoDB Local stopped by itself [^\n]+\.\n$/);
    expect(processesOn(dataDir)).toEqual([]);
  });
});

describe('an end by a signal, and a restart on the same data', () => {
  const signals = ['SIGTERM', 'SIGINT'] as const;
  let dataDir: string;
  let before: Credentials;
  let after: Credentials;
  const ends: { code: number | null; left: unknown[]; stderr: string }[] = [];
  let files: string[];
  let openFiles: string[];
  beforeAll(async () => {
    dataDir = makeDataDir(afterAll);
    const start = () => runStack({ LEASEHOLD_DATA_DIR: dataDir }, { over: afterAll });
    const end = async (stack: StackProcess, signal: NodeJS.Signals) => {
      expect(processesOn(dataDir)).toHaveLength(2);
      // npm passes on a Ctrl-C that the terminal has already delivered: a second signal comes in the same moment.
      for (const each of ['SIGSTOP', signal, 'SIGHUP', 'SIGCONT'] as const) stack.child.kill(each);
      ends.push({ code: await stack.exit, left: processesOn(dataDir), stderr: stack.output().stderr });
    };
    const first = start();
    before = await first.ready;
    expect((await activate(before, 'kept')).status).toBe(201);
    await end(first, signals[0]);
    for (const name of ['leasehold.log.1', 'outbox/mail_1.eml', 'dynamodb/former'])
      writeFileSync(join(dataDir, name), '{}');
    for (const name of ['', ...readdirSync(dataDir, { recursive: true, encoding: 'utf8' })])
      chmodSync(join(dataDir, name), 0o755);

    const second = start();
    after = await second.ready;
    expect((await activate(after, 'kept')).status).toBe(200);
    files = readdirSync(dataDir);
    openFiles = open(dataDir);
    await end(second, signals[1]);
  });

  it.each(signals)('by %s is clean: exit code 0, and no process is left', (signal) => {
    expect(ends[signals.indexOf(signal)]).toEqual({ code: 0, left: [], stderr: '' });
  });

  it('keeps all data and the same key', () => {
    expect(after).toMatchObject({ organizationId: before.organizationId, apiKey: before.apiKey });
  });

  it('makes its files private to its user, also those that the earlier stack left open', () => {
    expect(files).toEqual(expect.arrayContaining(['dynamodb.log', 'dynamodb.pid', 'leasehold.log']));
    expect(openFiles).toEqual([]);
  });
});

describe('kill -9', () => {
  let dataDir: string;
  let before: Credentials;
  let stack: StackProcess;
  let after: Credentials;
  const start = () => runStack({ LEASEHOLD_DATA_DIR: dataDir }, { over: afterAll });
  beforeAll(async () => {
    dataDir = makeDataDir(afterAll);
    const first = start();
    before = await first.ready;
    expect((await activate(before, 'survivor')).status).toBe(201);
    first.child.kill('SIGKILL');
    await first.exit;
    // As after a kill between the creation of the key and its record.
    const stateFile = join(dataDir, 'seeded.json');
    const { apiKey, ...state } = JSON.parse(readFileSync(stateFile, 'utf8'));
    expect(apiKey).toBe(before.apiKey);
    writeFileSync(stateFile, JSON.stringify(state));
    // At once: the old database is still about to stop.
    stack = start();
    after = await stack.ready;
  });

  it('loses no data: the next start finds it', async () => {
    expect((await activate(after, 'survivor')).status).toBe(200);
  });

  it('in the middle of the seed: the next start goes on with it', async () => {
    expect(after).toMatchObject({ organizationId: before.organizationId, apiKey: before.apiKey });
    const members = await get(after, '/members', after.tokens.owner);
    expect(members.body.items).toHaveLength(4);
  });

  it('of the stack and of the watchdog leaves a database that the next start ends', async () => {
    const [java] = processesOn(dataDir).filter(({ command }) => !command.includes('watchdog.mjs'));
    const [watchdog] = processesOn(dataDir).filter(({ command }) => command.includes('watchdog.mjs'));
    process.kill(watchdog!.pid, 'SIGKILL');
    stack.child.kill('SIGKILL');
    await stack.exit;
    await eventually(() => expect(processesOn(dataDir).map(({ pid }) => pid)).toEqual([java!.pid]));

    stack = start();
    await stack.ready;
    expect(processesOn(dataDir).map(({ pid }) => pid)).not.toContain(java!.pid);
  });

  it('of the stack alone leaves no database behind', async () => {
    expect(processesOn(dataDir)).toHaveLength(2);
    stack.child.kill('SIGKILL');
    await eventually(() => expect(processesOn(dataDir)).toEqual([]));
  });
});

it('files of the user in its directory keep their modes, and so does the directory', async () => {
  const dataDir = makeDataDir();
  writeFileSync(join(dataDir, 'notes.txt'), '');
  for (const name of ['', 'notes.txt']) chmodSync(join(dataDir, name), 0o755);
  await runStack({ LEASEHOLD_DATA_DIR: dataDir, ...onDatabase(await createDatabase({ stream: true })) }).ready;
  expect(open(dataDir)).toEqual(['', 'notes.txt']);
});

describe('its end', () => {
  it('by a signal while it starts is clean too', async () => {
    const dataDir = makeDataDir();
    const stack = runStack({ LEASEHOLD_DATA_DIR: dataDir });
    await eventually(() => expect(processesOn(dataDir)).not.toEqual([]));
    stack.child.kill('SIGTERM');
    expect(await stack.exit).toBe(0);
    expect(processesOn(dataDir)).toEqual([]);
  });

  it('comes with the end of npm, if npm runs it', async () => {
    const dataDir = makeDataDir();
    const stack = runStack({ LEASEHOLD_DATA_DIR: dataDir, npm_lifecycle_event: 'start' }, { underAnother: true });
    const credentials = await stack.ready;
    stack.child.kill('SIGKILL');
    await eventually(() => expect(processesOn(dataDir)).toEqual([]));
    await expect(fetch(credentials.baseUrl)).rejects.toThrow();
  });
});

describe('a start that is not possible says what to do, in one sentence, with exit code 1', () => {
  it('when the port is in use', async () => {
    const port = await takePort();
    expect(await refusalOf({ PORT: String(port) })).toMatch(`Port ${port} is in use: `);
  });

  it('when there is no Java', async () => {
    expect(await refusalOf({ PATH: '/nowhere', JAVA_HOME: '' })).toMatch('needs Java 17 or newer');
  });

  it('when nothing answers at DYNAMODB_ENDPOINT', async () => {
    expect(await refusalOf({ DYNAMODB_ENDPOINT: 'http://127.0.0.1:1' })).toMatch(
      'Nothing answers at DYNAMODB_ENDPOINT',
    );
  });

  it('when a setting is not right', async () => {
    expect(await refusalOf({ PORT: 'many' })).toMatch('PORT must be a number');
  });

  it('when the data directory cannot be made', async () => {
    expect(await refusalOf({ LEASEHOLD_DATA_DIR: '/dev/null/data' })).toMatch('set LEASEHOLD_DATA_DIR');
  });

  it('when Node is too old', async () => {
    const pretend = "Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.1.0'}})";
    const sentence = await refusalOf({}, ['--import', `data:text/javascript,${pretend}`]);
    expect(sentence).toMatch('needs Node 22.18 or newer (it runs TypeScript as it is), and this is Node 20.1.0: ');
  });
});
