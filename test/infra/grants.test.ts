import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { functionsOf, sendMail } from '../../infra/functions.ts';
import { operations } from '../../shared/contracts/operations.ts';
import {
  leadingKeysOf,
  type Partition,
  partitions,
  secretPurposes,
  type TableAction,
} from '../../shared/contracts/table-grant.ts';
import { allows, type Statement } from '../api/support/grants.ts';
import { ofType, resourcesOf, synthesize } from './synthesis.ts';

// The deployed policies, evaluated like IAM evaluates them.
const stack = synthesize({
  context: { mailFrom: 'licenses@example.com', canary: 'true' },
}).LeaseholdFunctions;
const resources = resourcesOf(stack);
const specs = functionsOf(operations);
const actions: readonly TableAction[] = [
  ...(['GetItem', 'BatchGetItem', 'Query'] as const),
  ...(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'] as const),
];

/** Returns the statements of a function's own policy. */
const statementsOf = (file: string): Statement[] => {
  const lambda = ofType(stack, 'AWS::Lambda::Function').find(
    ({ Properties }) => Properties.Description === `Leasehold: ${file}`,
  );
  const role = resources[lambda?.Properties.Role['Fn::GetAtt'][0]]!;
  return role.Properties.Policies.flatMap((policy: any) => policy.PolicyDocument.Statement);
};
/** Returns an example of a partition key of a kind. */
const someOf = (partition: Partition) => leadingKeysOf(partition).replace('*', 'org_1');
const may = (file: string, action: TableAction, partition: Partition) =>
  allows(statementsOf(file), action, [someOf(partition)]);
const whoMay = (action: TableAction, partition: Partition) =>
  specs.map(({ file }) => file).filter((file) => may(file, action, partition));
/** Returns the functions with any grant on a partition. */
const whoTouches = (partition: Partition) =>
  specs.map(({ file }) => file).filter((file) => actions.some((action) => may(file, action, partition)));

describe('a function’s policy', () => {
  it('lets the authorizer write no pool, no session and no member’s role', () => {
    for (const action of actions) {
      expect(may('authorizer', action, 'POOL'), action).toBe(false);
      expect(may('authorizer', action, 'SESSION'), action).toBe(false);
    }
    expect(may('authorizer', 'PutItem', 'USER')).toBe(false);
    expect(may('authorizer', 'UpdateItem', 'USER')).toBe(false);
    expect(may('authorizer', 'Query', 'USER')).toBe(true);
  });

  it('lets reports read only the secret of cursors, and write nothing that they report', () => {
    for (const purpose of secretPurposes)
      expect(may('get-usage', 'Query', `SECRET#${purpose}`), purpose).toBe(purpose === 'cursors');
    for (const partition of ['SERVICE', 'POOL', 'SESSION', 'HISTORY', 'REFUSED', 'ORG'] as const)
      for (const action of ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'] as const)
        expect(may('get-usage', action, partition), `${action} ${partition}`).toBe(false);
  });

  it('allows the secret of a purpose to those alone that derive with it', () => {
    const lists = operations.filter(({ input }) => input.query?.shape.cursor !== undefined);
    expect(whoTouches('SECRET#cursors')).toHaveLength(lists.length);
    expect(whoTouches('SECRET#names')).toEqual(['issue-offline-license', 'create-api-key', 'create-webhook']);
    expect(whoTouches('SECRET#api-keys')).toEqual(['create-api-key']);
    expect(whoTouches('SECRET#invitations')).toEqual(['invite', 'list-your-invitations', 'send-mail']);
    expect(whoTouches('SECRET#webhooks')).toEqual(['create-webhook', 'rotate-webhook-secret', 'deliver-webhook']);
    expect(whoTouches('SERVICE')).toEqual([
      'issue-offline-license',
      'list-your-invitations',
      'create-api-key',
      'create-webhook',
      'rotate-webhook-secret',
      'deliver-webhook',
      'send-mail',
    ]);
    for (const purpose of secretPurposes)
      for (const action of ['UpdateItem', 'DeleteItem', 'BatchWriteItem'] as const)
        expect(whoMay(action, `SECRET#${purpose}`), action).toEqual([]);
  });

  it('allows only functions that end something to delete a pool’s items or a session’s record', () => {
    expect(whoMay('DeleteItem', 'SESSION')).toEqual(['settle-due']);
    expect(whoMay('DeleteItem', 'AUDIT')).toEqual([]);
    expect(whoMay('BatchWriteItem', 'AUDIT')).toEqual(['settle-due']);
    expect(whoMay('PutItem', 'AUDIT')).toEqual(['follow-changes']);
  });

  it('allows a batch only if each of its partitions is allowed, and no request without a partition', () => {
    const activate = statementsOf('activate');
    expect(allows(activate, 'BatchGetItem', ['ORG#org_1', 'POOL#org_1#KRE', 'SESSION#org_1#KRE#a'])).toBe(true);
    expect(allows(activate, 'BatchGetItem', ['ORG#org_1', 'SECRET#webhooks'])).toBe(false);
    expect(allows(activate, 'Query', [])).toBe(false);
    expect(allows(activate, 'Scan', [])).toBe(false);
    expect(allows(statementsOf('list-organizations'), 'Query', ['ORGANIZATIONSX'])).toBe(false);
  });

  it.each(specs.map(({ file }) => file))('%s fits into a role', (file) => {
    // All inline policies of a role together have at most 10,240 characters, without white space. An ARN has about 80.
    expect(JSON.stringify(statementsOf(file)).length).toBeLessThan(8000);
  });
});

it('grants can name exactly the kinds of partitions in docs/access-patterns.md', () => {
  const [table = ''] = readFileSync('docs/access-patterns.md', 'utf8')
    .split('\n\n')
    .filter((part) => part.includes('| pk |'));
  const documented = [...table.matchAll(/^\| .* \| `(.*?)` \| .* \|$/gm)].map(([, pk]) =>
    pk!.replace(/^([A-Z]+)#<.*/, '$1'),
  );
  const kinds = documented.flatMap((kind) =>
    kind === 'SECRET' ? secretPurposes.map((purpose) => `SECRET#${purpose}`) : [kind],
  );
  expect([...new Set(kinds)].sort()).toEqual([...partitions].sort());
});

it('what each function may do is this, and nothing more', async () => {
  const lines = [...specs]
    .sort((a, b) => (a.file < b.file ? -1 : 1))
    .flatMap(({ file, table }) =>
      Object.entries(table).map(([partition, granted]) => `${file} ${partition}: ${[...granted].sort().join(' ')}`),
    );
  // Every change of a grant is a decision. Review it, then run `npx vitest run test/infra/grants.test.ts -u`.
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('table-grants.txt');
  expect(specs).toContain(sendMail);
});
