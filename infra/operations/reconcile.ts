import { parseArgs } from 'node:util';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { openTable } from '../../shared/table/store/table.ts';
import { carryOver, findLostChanges, type LostChange } from './lost-changes.ts';
import { OperatorError } from './service-secrets.ts';

/**
 * `npm run reconcile -- --lost <table> --restored <table> --since <moment> [--apply] [--names]`: carries over from a lost table
 * what a restored one must not lack, and counts the rest, or names it too. Without `--apply` it writes nothing. A repetition
 * carries over what is left. docs/runbooks/restore.md says when to run it.
 */
const name = (option: string) => z.string(`--${option} is the name of a table`).min(3);
const Options = z
  .object({
    lost: name('lost'),
    restored: name('restored'),
    since: z.iso.datetime('--since is the moment that was restored: 2026-11-28T10:15:00Z'),
    apply: z.boolean().default(false),
    names: z.boolean().default(false),
  })
  .refine(({ lost, restored }) => lost !== restored, '--lost and --restored are two tables');

const printCounts = (title: string, counts: Record<string, number>) => {
  console.log(title);
  const lines = Object.entries(counts).map(([kind, count]) => `  ${String(count).padStart(8)} ${kind}`);
  console.log(lines.length > 0 ? lines.sort((a, b) => a.slice(11).localeCompare(b.slice(11))).join('\n') : '  nothing');
};

const countsOf = (changes: readonly LostChange[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { kind } of changes) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

const run = async () => {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({ options: { lost: text, restored: text, since: text, apply: flag, names: flag } });
  const parsed = Options.safeParse(values);
  if (!parsed.success) throw new OperatorError(parsed.error.issues.map(({ message }) => message).join('\n'));
  const { apply, since, names } = parsed.data;
  const open = (TABLE_NAME: string) => {
    const endpoint = process.env.DYNAMODB_ENDPOINT;
    return openTable('service#restore', { TABLE_NAME, ...(endpoint && { DYNAMODB_ENDPOINT: endpoint }) });
  };
  const [lost, restored] = [open(parsed.data.lost), open(parsed.data.restored)];
  const { Table } = await restored.client.send(new DescribeTableCommand({ TableName: restored.name }));
  if (apply && Table?.StreamSpecification?.StreamEnabled !== true)
    throw new OperatorError(
      `${restored.name} has no stream, so no event would tell of the changes: npm run adopt-table -- --table ${restored.name}`,
    );
  const found = await findLostChanges(lost, restored, { since: Date.parse(since), now: Date.now() });
  // Members, keys and roles may have changed since the switch, by decisions that are newer.
  const changes = found.changes.filter(({ kind }) => !found.isInUse || kind.startsWith('offline'));
  if (found.isInUse) console.log(`${restored.name} is in use: only offline licenses are carried over.`);
  const failed = new Set<LostChange>();
  for (const change of apply ? changes : []) {
    const failure = await carryOver(restored, change);
    if (failure === undefined) continue;
    failed.add(change);
    console.log(`Not carried over: ${change.kind}, ${change.name}: ${failure}`);
  }
  if (failed.size > 0) process.exitCode = 1;
  const title = apply ? 'Carried over:' : 'To carry over, with --apply:';
  printCounts(title, countsOf(changes.filter((change) => !failed.has(change))));
  printCounts('Lost, for you or the organizations to do again:', found.others);
  if (names) console.log(found.names.sort().join('\n'));
};

try {
  await run();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
