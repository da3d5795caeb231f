import { followChange } from '../../shared/table/follow.ts';
import type { Table } from '../../shared/table/table.ts';
import { openChanges } from '../table/changes.ts';

/** Lets all follow, when a test says so, that follows from the changes of a world's table. */
export const openFollower = async (table: Table) => {
  const { DYNAMODB_ENDPOINT: endpoint = '', AWS_ACCESS_KEY_ID: accessKeyId = '' } = process.env;
  const credentials = { accessKeyId, secretAccessKey: 'secret' };
  const changes = await openChanges({ endpoint, name: table.name, credentials });
  return async (): Promise<void> => {
    for (const change of await changes.next()) await followChange(table, change);
  };
};
