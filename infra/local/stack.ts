import { join } from 'node:path';
import type { ConsoleConfig } from '../../console/config.ts';
import { buildConsole } from '../console-build.ts';
import { lockDataDir } from './data-dir/data-dir-lock.ts';
import { writePrivate, writePrivateJson } from './data-dir/json-files.ts';
import { licenseKeys } from './data-dir/signing-keys.ts';
import { createTable } from './database/create-table.ts';
import { startDynamoDbLocal } from './database/dynamodb-process.ts';
import { accounts } from './demo-accounts.ts';
import { startSchedule } from './fakes/background-loop.ts';
import { startFakeSes } from './fakes/fake-ses.ts';
import { startFakeSqs } from './fakes/fake-sqs.ts';
import { followStream } from './fakes/stream-poller.ts';
import { createGateway } from './gateway/api-gateway.ts';
import { MAX_CONCURRENCY } from './lambda/concurrency.ts';
import { invoke } from './lambda/invoke-lambda.ts';
import { loadFunctions } from './lambda/load-functions.ts';
import { seed, type Tokens } from './seed.ts';
import { serveConsole } from './server/console-server.ts';
import { listen } from './server/http-server.ts';
import type { Settings } from './settings.ts';
import {
  AUDIENCE,
  CONSOLE_CLIENT,
  createIdentity,
  GROUPS_CLAIM,
  type Identity,
  MOUNT,
  VENDOR_GROUP,
} from './sign-in/oidc-issuer.ts';

/** The URLs, files and credentials of a running stack. */
export interface Ready {
  baseUrl: string;
  organizationId: string;
  apiKey: string;
  credentialsFile: string;
  /** The folder of the sent mails. */
  outboxDir: string;
  /** A warning for the user. */
  warning: string | undefined;
}

/**
 * Starts the local stack: the parts of infra/ on one machine.
 *
 * @param onStop gets a stop function for each started part, in order; also before this returns
 * @param onFailure gets a sentence when a part of the running stack has ended
 * @throws StartupError if this machine or the settings do not allow it
 */
export const startStack = async (
  settings: Settings,
  onStop: (stop: () => unknown) => void,
  onFailure: (sentence: string) => void,
): Promise<Ready> => {
  const { dataDir } = settings;
  onStop(await lockDataDir(dataDir));

  const server = await listen(settings.host, settings.port);
  const { baseUrl } = server;
  const ours = !process.env.DYNAMODB_ENDPOINT;
  const starting = startDynamoDbLocal({ dataDir });
  // Registered at once, as a Ctrl-C may come before the database is up.
  onStop(() =>
    starting.then(
      (started) => started.stop(),
      () => {},
    ),
  );
  const [database, identity, consoleFiles] = await Promise.all([
    starting,
    createIdentity(baseUrl, dataDir),
    buildConsole(),
  ]);
  database.ended.then(onFailure);

  const attempts = await startFakeSqs((event) => invoke(functions('deliver-webhook'), event));
  onStop(() => attempts.stop());
  const outboxDir = join(dataDir, 'outbox');
  const outbox = await startFakeSes(outboxDir);
  onStop(() => outbox.stop());
  const mails = await startFakeSqs((event) => invoke(functions('send-mail'), event));
  onStop(() => mails.stop());
  Object.assign(
    process.env,
    environment(settings, identity, {
      database: database.endpoint,
      attempts: attempts.url,
      mails: mails.url,
      outbox: outbox.url,
      page: baseUrl,
    }),
  );
  if (ours) removeRealCredentials();
  const [{ streamArn }, functions] = await Promise.all([
    createTable(database.endpoint, settings.tableName),
    loadFunctions(),
  ]);

  const stream = followStream({
    endpoint: database.endpoint,
    streamArn,
    progressFile: join(dataDir, 'stream.json'),
    deliver: (event) => invoke(functions('follow-changes'), event),
  });
  onStop(() => stream.stop());
  const schedule = startSchedule(settings.scheduleSeconds, () => invoke(functions('settle-due'), {}));
  onStop(() => schedule.stop());

  const page = serveConsole(consoleFiles, consoleConfig(identity), createGateway(functions));
  server.answerWith((request, response) =>
    (request.url?.startsWith(`${MOUNT}/`) ? identity.handle : page)(request, response),
  );
  onStop(() => server.close());

  const tokens = await mintTokens(identity);
  const seeded = await seed({ baseUrl, tokens, stateFile: seededFile(dataDir) });
  const credentialsFile = join(dataDir, 'credentials.json');
  writePrivateJson(credentialsFile, { baseUrl, ...seeded, tokens });
  const variables = { URL: baseUrl, ORGANIZATION: seeded.organizationId, API_KEY: seeded.apiKey };
  const exports = Object.entries(variables).map(([name, value]) => `export LEASEHOLD_${name}=${value}\n`);
  writePrivate(join(dataDir, 'env.sh'), exports.join(''));
  return { baseUrl, ...seeded, credentialsFile, outboxDir, warning: database.warning };
};

/** Returns the file that records the steps of the seeding. */
export const seededFile = (dataDir: string) => join(dataDir, 'seeded.json');

/** Returns the environment of the functions: as on AWS, with the URLs of this machine's services. */
const environment = (
  settings: Settings,
  { issuer, jwks }: Identity,
  urls: { page: string; database: string; attempts: string; mails: string; outbox: string },
) => ({
  TABLE_NAME: settings.tableName,
  DYNAMODB_ENDPOINT: urls.database,
  AWS_REGION: process.env.AWS_REGION || 'us-east-1',
  AWS_ACCESS_KEY_ID: process.env.AWS_ACCESS_KEY_ID || 'local',
  AWS_SECRET_ACCESS_KEY: process.env.AWS_SECRET_ACCESS_KEY || 'local',
  OIDC_ISSUER: issuer,
  OIDC_AUDIENCE: `${AUDIENCE},${CONSOLE_CLIENT}`,
  OIDC_JWKS: JSON.stringify(jwks),
  OIDC_GROUPS_CLAIM: GROUPS_CLAIM,
  VENDOR_GROUP,
  SWAGGER_UI_DIR: join(import.meta.dirname, '../../node_modules/swagger-ui-dist'),
  SIGNING_JWKS: JSON.stringify(licenseKeys(join(settings.dataDir, 'license-keys.json'), settings.signingKeys)),
  WEBHOOK_QUEUE_URL: urls.attempts,
  MAIL_QUEUE_URL: urls.mails,
  MAIL_FROM: 'leasehold@localhost.example',
  CONSOLE_URL: urls.page,
  VENDOR_CONTACT: accounts.vendor.email,
  // The SDK reads the endpoint of SES here.
  AWS_ENDPOINT_URL_SESV2: urls.outbox,
  WEBHOOK_ALLOW_LOOPBACK: 'true',
  HISTORY_DAYS: String(settings.historyDays),
  SURVEY_MINUTES: '1',
  POWERTOOLS_SERVICE_NAME: 'leasehold',
  POWERTOOLS_METRICS_NAMESPACE: 'Leasehold',
  AWS_LAMBDA_MAX_CONCURRENCY: String(MAX_CONCURRENCY),
  POWERTOOLS_LOG_LEVEL: process.env.POWERTOOLS_LOG_LEVEL || 'INFO',
});

/** Returns the configuration of the License Management page. */
const consoleConfig = ({ issuer }: Identity): ConsoleConfig => ({
  issuer,
  clientId: CONSOLE_CLIENT,
  scopes: ['openid', 'email', 'profile'],
  groupsClaim: GROUPS_CLAIM,
  vendorGroup: VENDOR_GROUP,
  vendorContact: accounts.vendor.email,
});

/** Removes the credentials of a real account: the local database does not need them. */
const removeRealCredentials = () => {
  for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN']) delete process.env[name];
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' });
};

const mintTokens = async (identity: Identity): Promise<Tokens> => {
  const minted = Object.entries(accounts).map(async ([name, account]) => [name, await identity.mint(account)]);
  return Object.fromEntries(await Promise.all(minted)) as Tokens;
};
