import { DynamoDBClient, type StreamSpecification, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { documents } from '../../../shared/table/store/table.ts';
import { clearDataDir, makeDataDir } from '../data-dir/data-dir.ts';
import { lockDataDir } from '../data-dir/data-dir-lock.ts';
import { writePrivateJson } from '../data-dir/json-files.ts';
import { createTable } from '../database/create-table.ts';
import { startDynamoDbLocal } from '../database/dynamodb-process.ts';
import { main } from '../main.ts';
import { readSettings, type Settings } from '../settings.ts';
import { seededFile } from '../stack.ts';
import { StartupError } from '../startup-error.ts';
import { fillDemo } from './fill.ts';

/** The files of the demo, apart from those of `npm start`. */
const demoDir = '.local-demo';

/** `npm run demo`: the local stack with the data of three months. Each run begins anew, and keeps its data in memory. */
export const runDemo = async () => {
  process.env.LEASEHOLD_DATA_DIR ||= demoDir;
  try {
    if (process.env.DYNAMODB_ENDPOINT)
      throw new StartupError('The demo uses a database of its own: unset DYNAMODB_ENDPOINT.');
    process.env.DYNAMODB_ENDPOINT = await startFilled(readSettings(process.env));
  } catch (error) {
    console.error(error instanceof StartupError ? error.message : error);
    process.exit(1);
  }
  await main();
};

/** Starts a database with the demo's data; it stops with this process. Returns its endpoint. */
const startFilled = async ({ dataDir, tableName }: Settings): Promise<string> => {
  const startedAt = performance.now();
  makeDataDir(dataDir);
  const unlock = await lockDataDir(dataDir);
  clearDataDir(dataDir);
  const { endpoint } = await startDynamoDbLocal();
  Object.assign(process.env, { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' });
  await createTable(endpoint, tableName);
  const dynamodb = new DynamoDBClient({ endpoint });
  const stream = (specification: StreamSpecification) =>
    dynamodb.send(new UpdateTableCommand({ TableName: tableName, StreamSpecification: specification }));
  // The stream function need not follow what is complete. The database is also slow with tens of thousands of changes.
  await stream({ StreamEnabled: false });
  const seeded = await fillDemo(
    { name: tableName, client: documents(dynamodb), actor: 'service#demo' },
    { beginStream: () => stream({ StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' }) },
  );
  writePrivateJson(seededFile(dataDir), seeded);
  unlock();
  console.log(`The demo's data are written (after ${((performance.now() - startedAt) / 1000).toFixed(1)} s).`);
  return endpoint;
};
