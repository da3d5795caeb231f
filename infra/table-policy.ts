import { leadingKeysOf, type Partition, type TableAction, type TableGrant } from '../shared/contracts/table-grant.ts';

/** A statement of an IAM policy, as the template has it. */
export interface TableStatement {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: string;
  readonly Condition: {
    readonly 'ForAllValues:StringLike': { readonly 'dynamodb:LeadingKeys': readonly string[] };
    readonly Null: { readonly 'dynamodb:LeadingKeys': 'false' };
  };
}

/**
 * Returns the statements of a grant: one for all actions on the same partitions. A batch may name several partitions, and
 * IAM requires one statement to allow all of them, so no action is in two statements.
 *
 * `ForAllValues` is true of a request that names no partition (a scan); the guard `Null` refuses that.
 */
export const tableStatements = (grant: TableGrant, tableArn: string): TableStatement[] => {
  const partitionsOf = new Map<TableAction, Partition[]>();
  for (const [partition, actions] of Object.entries(grant) as [Partition, readonly TableAction[]][])
    for (const action of actions) partitionsOf.set(action, [...(partitionsOf.get(action) ?? []), partition]);

  const actionsOf = new Map<string, { actions: TableAction[]; partitions: Partition[] }>();
  for (const [action, partitions] of partitionsOf) {
    const name = partitions.join();
    actionsOf.set(name, { partitions, actions: [...(actionsOf.get(name)?.actions ?? []), action] });
  }
  return [...actionsOf.values()].map(({ actions, partitions }) => ({
    Effect: 'Allow',
    Action: actions.map((action) => `dynamodb:${action}`),
    Resource: tableArn,
    Condition: {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions.map(leadingKeysOf) },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    },
  }));
};
