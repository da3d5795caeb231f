import { randomUUID } from 'node:crypto';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createClient } from '../client/client.ts';
import { canaryConfig } from '../shared/config.ts';
import { createLogger } from '../shared/logger.ts';

/** The canary's product: a floating one, of an organization for tests. */
export const canaryProduct = 'CANARY';

const logger = createLogger();
const metrics = new Metrics();
const parameters = new SSMClient();
let key: Promise<string> | undefined;

const readKey = async (Name: string): Promise<string> => {
  const { Parameter } = await parameters.send(new GetParameterCommand({ Name, WithDecryption: true }));
  if (!Parameter?.Value) throw new Error(`The parameter ${Name} has no value.`);
  return Parameter.Value;
};

/** Returns the API key, which an instance reads once, and again after the service has refused it. */
const credential =
  (name: string) =>
  ({ rejected }: { rejected: string | undefined }): Promise<string> => {
    if (rejected !== undefined) key = undefined;
    key ??= readKey(name);
    key.catch(() => {
      key = undefined;
    });
    return key;
  };

/**
 * Takes a license, extends it and gives it back through the service's public address, as a runner does. Counts each success in
 * the metric `CanaryPassed`, whose absence is an alarm, and each latency in `CanaryLatency`.
 */
export const handler = async () => {
  const { SERVICE_URL, CANARY_KEY_PARAMETER } = canaryConfig();
  const client = createClient({
    baseUrl: SERVICE_URL,
    credential: credential(CANARY_KEY_PARAMETER),
    timeoutMs: 5000,
    retries: { attempts: 2 },
  });
  const session = { product: canaryProduct, sessionId: `canary-${randomUUID()}` };
  const timed = async <T>(operation: string, call: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const answer = await call();
    const latency = metrics.singleMetric();
    latency.addDimension('operation', operation);
    latency.addMetric('CanaryLatency', MetricUnit.Milliseconds, Math.round(performance.now() - began));
    return answer;
  };
  try {
    const activated = await timed('activate', () => client.activate({ ...session, machineId: 'canary' }));
    if (!('fence' in activated)) throw new Error('The activation has no fence.');
    const { seat, fence } = activated;
    await timed('heartbeat', () => client.heartbeat({ ...session, seat, fence }));
    await timed('release', () => client.deactivate(session));
    metrics.addMetric('CanaryPassed', MetricUnit.Count, 1);
    metrics.publishStoredMetrics();
  } catch (error) {
    // A warning: one failure is no alarm, and a license that was not given back is free after its lease.
    logger.warn('The canary failed', error as Error);
  }
};
