import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync } from 'node:fs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { FunctionSpec } from '../../../infra/functions.ts';
import { tableStatements } from '../../../infra/table-policy.ts';
import { leadingKeysOf, partitions, type TableAction } from '../../../shared/contracts/table-grant.ts';
import { signNothing } from '../../table/support/local-dynamodb.ts';

/** The parts of a policy's statement that IAM evaluates here. */
export interface Statement {
  Action: string | readonly string[];
  Condition?: unknown;
}

/** Returns whether a value matches a pattern of IAM. Ours have `*` at their end or nowhere. */
const matches = (pattern: string, value: string): boolean =>
  pattern.endsWith('*') ? value.startsWith(pattern.slice(0, -1)) : value === pattern;

/**
 * Returns whether statements allow an action on the partitions of a request, as IAM evaluates `dynamodb:LeadingKeys`: one statement
 * has to allow all of them. An unknown condition allows nothing.
 */
export const allows = (statements: readonly Statement[], action: string, leadingKeys: readonly string[]): boolean =>
  statements.some(({ Action, Condition }) => {
    if (![Action].flat().includes(`dynamodb:${action}`)) return false;
    const { 'ForAllValues:StringLike': like, Null: isNull, ...unknown } = (Condition ?? {}) as Record<string, any>;
    if (Object.keys(unknown).length > 0) return false;
    const patterns: string[] = [like?.['dynamodb:LeadingKeys'] ?? '*'].flat();
    if (isNull?.['dynamodb:LeadingKeys'] === 'false' && leadingKeys.length === 0) return false;
    return leadingKeys.every((key) => patterns.some((pattern) => matches(pattern, key)));
  });

/** The function that runs, with the policy that the CDK gives it. */
interface Running {
  file: string;
  statements: readonly Statement[];
}
const running = new AsyncLocalStorage<Running>();

const named: Record<string, TableAction> = {
  GetCommand: 'GetItem',
  BatchGetCommand: 'BatchGetItem',
  BatchWriteCommand: 'BatchWriteItem',
  QueryCommand: 'Query',
  PutCommand: 'PutItem',
  UpdateCommand: 'UpdateItem',
  DeleteCommand: 'DeleteItem',
};
/** The actions of a request, with the partitions that it names for each. */
const actionsOf = ({ constructor: { name }, input }: { constructor: { name: string }; input: any }) => {
  const found = new Map<string, string[]>();
  const note = (action: string, key: { pk: string }) => found.set(action, [...(found.get(action) ?? []), key.pk]);
  const action = named[name];
  if (action === 'BatchGetItem')
    for (const { Keys } of Object.values<any>(input.RequestItems)) for (const key of Keys) note(action, key);
  else if (action === 'BatchWriteItem')
    for (const writes of Object.values<any>(input.RequestItems))
      for (const { DeleteRequest, PutRequest } of writes) note(action, DeleteRequest?.Key ?? PutRequest.Item);
  else if (action === 'Query') note(action, { pk: input.ExpressionAttributeValues[':pk'] });
  else if (action) note(action, input.Key ?? input.Item);
  // A scan or a transaction, say: it names no partition.
  else found.set(name, []);
  return found;
};

const refusal = ({ file, statements }: Running, action: string, leadingKeys: readonly string[]): Error | undefined => {
  if (allows(statements, action, leadingKeys)) return undefined;
  const kinds = leadingKeys.map(
    (key) => partitions.find((partition) => matches(leadingKeysOf(partition), key)) ?? `${key} (of no known kind)`,
  );
  const contract = `shared/contracts/${file}.ts`;
  const where = existsSync(contract) ? contract : 'infra/functions.ts';
  const wanted = [...new Set(kinds)].join(', ');
  return new Error(
    `AccessDenied: ${file} is not granted ${action} on ${wanted}. If it needs that, add it to \`table\` in ${where}.`,
  );
};

// DynamoDB Local has no IAM, so this denies what AWS would deny.
const send = DynamoDBDocumentClient.prototype.send as (...args: any[]) => Promise<unknown>;
DynamoDBDocumentClient.prototype.send = function (this: DynamoDBDocumentClient, ...args: any[]) {
  const grant = running.getStore();
  if (grant) {
    signNothing(this);
    for (const [action, leadingKeys] of actionsOf(args[0])) {
      const refused = refusal(grant, action, leadingKeys);
      if (refused) return Promise.reject(refused);
    }
  }
  return send.apply(this, args);
} as never;

/** Runs a function with exactly its grant on the table: the statements that the CDK writes into its policy. */
export const withGrant = <T>(
  { file, table }: Pick<FunctionSpec, 'file' | 'table'>,
  work: () => Promise<T>,
): Promise<T> => running.run({ file, statements: tableStatements(table, 'the table') }, work);
