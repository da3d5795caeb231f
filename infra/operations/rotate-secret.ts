import { parseArgs } from 'node:util';
import * as z from 'zod';
import { secretPurposes } from '../../shared/contracts/table-grant.ts';
import { readFormerVersions, readVersions } from '../../shared/table/store/purpose-secrets.ts';
import { openTable } from '../../shared/table/store/table.ts';
import { OperatorError, retireVersion, rotatePurpose } from './service-secrets.ts';

/**
 * `npm run rotate-secret -- --purpose <purpose> [--to N | --retire N]`: makes the next version of a purpose's secret, or
 * deletes one that nothing needs. docs/secrets.md says when to run it. The command reads TABLE_NAME and DYNAMODB_ENDPOINT,
 * and prints no secret.
 */
const Options = z.object({
  purpose: z.enum(secretPurposes, `--purpose is one of ${secretPurposes.join(', ')}`),
  to: z.coerce.number('--to is a version').int('--to is a version').min(1, '--to is a version').optional(),
  retire: z.coerce.number('--retire is a version').int('--retire is a version').min(0).optional(),
});

const run = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { purpose: { type: 'string' }, to: { type: 'string' }, retire: { type: 'string' } },
  });
  const parsed = Options.safeParse(values);
  if (!parsed.success) throw new OperatorError(parsed.error.issues.map(({ message }) => message).join('\n'));
  const { purpose, to, retire } = parsed.data;
  if (to !== undefined && retire !== undefined) throw new OperatorError('Give --to or --retire, not both.');
  const table = openTable('service#operator');
  const now = Date.now();
  if (retire === undefined) {
    const { version, made } = await rotatePurpose(table, purpose, { to, now });
    console.log(
      made
        ? `Version ${version} for ${purpose} is made. Every instance uses it within a minute.`
        : `Version ${version} for ${purpose} is there: nothing was done.`,
    );
  } else {
    const outcome = await retireVersion(table, purpose, retire, now);
    console.log(`Version ${retire} for ${purpose} ${outcome === 'retired' ? 'is retired' : 'was retired before'}.`);
  }
  const versions = [...(await readFormerVersions(table)), ...(await readVersions(table, purpose))];
  console.log(`Versions now: ${versions.map(({ version }) => version).join(', ') || 'none'}`);
};

try {
  await run();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
