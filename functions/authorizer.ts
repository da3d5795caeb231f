import type { APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import { originConfig } from '../shared/config.ts';
import { originHeader } from '../shared/contracts/operation.ts';
import type { Principal } from '../shared/domain/accounts/principal.ts';
import { authenticate } from '../shared/http/authenticate.ts';
import { addressOf, isFromDistribution } from '../shared/http/origin.ts';
import { createLogger } from '../shared/logger.ts';
import { openTable, type Table } from '../shared/table/store/table.ts';

const logger = createLogger();
let table: Table | undefined;

/** Returns whether an open route asks: by the distribution's secret alone. While a deployment adds it, others ask without it. */
const isGuard = ({ identitySource, headers }: APIGatewayRequestAuthorizerEventV2): boolean =>
  identitySource?.length === 1 && identitySource[0] === headers?.[originHeader];

/**
 * The gateway's authorizer: authenticates JWTs and API keys. Lets every request pass with its principal; the functions refuse, as
 * problem+json and in the documented order. The gateway caches the answer for 30 s per credential. Behind a firewall no request
 * passes that did not come through it.
 */
export const handler = async (event: APIGatewayRequestAuthorizerEventV2) => {
  const { ORIGIN_SECRETS } = originConfig();
  if (!isFromDistribution(event.headers, ORIGIN_SECRETS)) return { isAuthorized: false };
  // The guard of an open route: the gateway remembers its answer for all callers, by the secret alone.
  if (ORIGIN_SECRETS !== undefined && isGuard(event)) return { isAuthorized: true };
  table ??= openTable('service#sign-in');
  const principal: Principal = await authenticate(
    table,
    {
      authorization: event.headers?.authorization,
      source: addressOf(event.headers, event.requestContext.http?.sourceIp),
    },
    Date.now(),
  );
  // The function's line of the request names every other caller.
  if (principal.type === 'nobody') logger.info('no valid credential', { requestId: event.requestContext.requestId });
  return { isAuthorized: true, context: { principal: JSON.stringify(principal) } };
};
