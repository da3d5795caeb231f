import { AsyncLocalStorage } from 'node:async_hooks';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { TableAction } from '../../shared/contracts/operation.ts';

/** What a function may call, as its IAM grant on AWS says. */
interface Grant {
  holder: string;
  actions: readonly TableAction[];
}

const granted = new AsyncLocalStorage<Grant>();

const named: Record<string, TableAction> = {
  GetCommand: 'GetItem',
  BatchGetCommand: 'BatchGetItem',
  QueryCommand: 'Query',
  PutCommand: 'PutItem',
  UpdateCommand: 'UpdateItem',
  DeleteCommand: 'DeleteItem',
};
/** IAM asks for the actions of a transaction's parts. */
const parts: Record<string, TableAction> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

const actionsOf = (command: { constructor: { name: string }; input: any }): string[] => {
  const { name } = command.constructor;
  if (name !== 'TransactWriteCommand') return [named[name] ?? name];
  return command.input.TransactItems.flatMap((item: object) => Object.keys(item)).map((part: string) => parts[part]);
};

// DynamoDB Local knows no IAM: what AWS would deny is denied here, on the way to it.
const send = DynamoDBDocumentClient.prototype.send as (...args: any[]) => Promise<unknown>;
DynamoDBDocumentClient.prototype.send = function (this: unknown, ...args: any[]) {
  const grant = granted.getStore();
  for (const action of grant ? actionsOf(args[0]) : [])
    if (!grant?.actions.includes(action as TableAction))
      return Promise.reject(new Error(`AccessDenied: ${grant?.holder} is not granted ${action}`));
  return send.apply(this, args);
} as never;

/** Runs a function with exactly its grant. */
export const withGrant = <T>(grant: Grant, work: () => Promise<T>): Promise<T> => granted.run(grant, work);
