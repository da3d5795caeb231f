import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

// A load test of a deployment, by k6: runners that take a license, send heartbeats and give it back.
//
//   npm run load -- --url https://… --key lh_… --product KRE [--runners 100] [--seconds 300] [--job-seconds 60]
//
// Ends with 1 if an answer was none that a runner may get, a license was lost or more than the quota were in use.

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: process.env.LEASEHOLD_URL ?? '' },
    key: { type: 'string', default: process.env.LEASEHOLD_API_KEY ?? '' },
    product: { type: 'string', default: 'KRE' },
    runners: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '300' },
    'job-seconds': { type: 'string', default: '60' },
  },
});
const url = values.url.replace(/\/+$/, '');

const fail = (message: string): never => {
  console.error(message);
  process.exit(1);
};
if (!url || !values.key) fail('Give --url and --key, or LEASEHOLD_URL and LEASEHOLD_API_KEY.');
if (spawnSync('k6', ['version']).error)
  fail('The load test needs k6: https://grafana.com/docs/k6/latest/set-up/install-k6/');

const get = (path: string): Promise<Response> =>
  fetch(`${url}/v1/${path}`, { headers: { Authorization: `Bearer ${values.key}` } });

const me = await get('me');
if (!me.ok) fail(`GET ${url}/v1/me answered ${me.status}: ${await me.text()}`);
const [membership] = ((await me.json()) as { memberships: { organizationId: string }[] }).memberships;
const organizationId = membership?.organizationId ?? fail('This credential belongs to no organization.');

const k6 = spawn('k6', ['run', '--quiet', join(import.meta.dirname, 'runners.ts')], {
  stdio: 'inherit',
  env: {
    ...process.env,
    URL: url,
    KEY: values.key,
    ORGANIZATION: organizationId,
    PRODUCT: values.product,
    RUNNERS: values.runners,
    SECONDS: values.seconds,
    JOB_SECONDS: values['job-seconds'],
    RUN: randomBytes(4).toString('hex'),
  },
});

/** The most licenses that were seen in use, and their quota; undefined while no figures were seen: these need a `full` key. */
let seen: { most: number; quota: number } | undefined;
const look = async () => {
  const answer = await get(`organizations/${organizationId}/subscriptions/${values.product}`);
  if (!answer.ok) return;
  const { quota, inUse } = (await answer.json()) as { quota: number; inUse: { online: number; offline: number } };
  seen = { quota, most: Math.max(seen?.most ?? 0, inUse.online + inUse.offline) };
};
const watching = setInterval(() => look().catch(() => {}), 1000);
const status = await new Promise<number>((resolve) => k6.on('exit', (code) => resolve(code ?? 1)));
clearInterval(watching);

console.log(
  seen
    ? `\nAt most ${seen.most} of ${seen.quota} licenses were in use at once.`
    : '\nA key of scope `full` would also show how many licenses were in use.',
);
process.exitCode = seen && seen.most > seen.quota ? 1 : status;
