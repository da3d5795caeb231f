import { check, sleep } from 'k6';
import exec from 'k6/execution';
import http, { type RefinedResponse, type ResponseType } from 'k6/http';
import { Counter } from 'k6/metrics';

// The runners of `npm run load`, which `k6` executes: each takes a license, sends heartbeats, gives the license back, and begins
// anew. A refused runner tries again when the refusal says.

const { ORGANIZATION, PRODUCT, KEY, RUN } = __ENV;
const jobSeconds = Number(__ENV.JOB_SECONDS);

const refusals = new Counter('refusals');
const unexpected = new Counter('unexpected_answers');

export const options = {
  scenarios: {
    runners: {
      executor: 'constant-vus',
      vus: Number(__ENV.RUNNERS),
      duration: `${__ENV.SECONDS}s`,
      // A runner that has a license gives it back.
      gracefulStop: `${jobSeconds + 90}s`,
    },
  },
  thresholds: { checks: ['rate==1'], unexpected_answers: ['count==0'] },
  summaryTrendStats: ['med', 'p(95)', 'p(99)', 'max'],
};

const activations = `${__ENV.URL}/v1/organizations/${ORGANIZATION}/subscriptions/${PRODUCT}/activations`;
const headers = { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' };
const called = (name: string) => ({ headers, tags: { name }, timeout: '30s' });

const retryAfter = (answer: RefinedResponse<ResponseType>): number =>
  Math.max(1, Number(answer.headers['Retry-After'] ?? answer.json('retryAfterSeconds') ?? 5));

const isEnough = () => exec.scenario.progress >= 1;

/** Takes a license; waits as long as refusals say. */
const activate = (sessionId: string): RefinedResponse<ResponseType> | undefined => {
  while (!isEnough()) {
    const body = JSON.stringify({ sessionId, machineId: `load-${exec.vu.idInTest}` });
    const answer = http.post(activations, body, called('activate'));
    if (answer.status === 201 || answer.status === 200) return answer;
    if (answer.status === 409 || answer.status === 429) refusals.add(1);
    else unexpected.add(1, { status: String(answer.status) });
    sleep(retryAfter(answer));
  }
  return undefined;
};

export default (): void => {
  const sessionId = `load-${RUN}-${exec.vu.idInTest}-${exec.vu.iterationInScenario}`;
  const activation = activate(sessionId);
  if (!activation) return;
  const told = activation.json() as { seat: number; fence: number; heartbeatSeconds: number };
  const until = Date.now() + jobSeconds * 1000;
  while (Date.now() < until) {
    sleep(Math.min(told.heartbeatSeconds, (until - Date.now()) / 1000));
    if (Date.now() >= until) break;
    const { seat, fence } = told;
    const beat = http.post(
      `${activations}/${sessionId}/heartbeat`,
      JSON.stringify({ seat, fence }),
      called('heartbeat'),
    );
    check(beat, { 'a heartbeat keeps the license': ({ status }) => status === 200 });
  }
  const release = http.del(`${activations}/${sessionId}`, null, called('release'));
  check(release, { 'the license is given back': ({ status }) => status === 204 });
};
