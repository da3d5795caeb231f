import type { APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import type { Principal } from '../shared/domain/accounts/principal.ts';
import { authenticate } from '../shared/http/authenticate.ts';
import { createLogger } from '../shared/logger.ts';
import { openTable, type Table } from '../shared/table/store/table.ts';

const logger = createLogger();
let table: Table | undefined;

/**
 * The gateway's authorizer: authenticates JWTs and API keys. Lets every request pass with its principal; the functions refuse, as
 * problem+json and in the documented order. The gateway caches the answer for 30 s per credential.
 */
export const handler = async (event: APIGatewayRequestAuthorizerEventV2) => {
  table ??= openTable('service#sign-in');
  const principal: Principal = await authenticate(
    table,
    { authorization: event.headers?.authorization, source: event.requestContext.http?.sourceIp },
    Date.now(),
  );
  // The function's line of the request names every other caller.
  if (principal.type === 'nobody') logger.info('no valid credential', { requestId: event.requestContext.requestId });
  return { isAuthorized: true, context: { principal: JSON.stringify(principal) } };
};
