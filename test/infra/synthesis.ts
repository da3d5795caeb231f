import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Source } from 'aws-cdk-lib/aws-s3-deployment';
import { afterAll } from 'vitest';
import { addLeasehold } from '../../infra/stacks/leasehold.ts';
import type { Operation } from '../../shared/contracts/operation.ts';
import { operations as all } from '../../shared/contracts/operations.ts';

interface Resource {
  readonly Type: string;
  readonly Properties: any;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

interface Options {
  readonly operations?: readonly Operation[];
  readonly context?: Record<string, unknown>;
  /** Also check the templates against CloudFormation's schemas, as `cdk synth` does. This takes ten times as long. */
  readonly validate?: boolean;
  /** Called before the synthesis. */
  readonly change?: (app: App) => void;
}

/** The feature flags of `cdk synth`. */
const flags: Record<string, unknown> = JSON.parse(readFileSync('cdk.json', 'utf8')).context;

/** The output directory of one test file. */
const outputs = mkdtempSync(join(tmpdir(), 'leasehold-synth-'));
afterAll(() => rmSync(outputs, { recursive: true, force: true }));

/** Returns the whole app, with unbundled functions. */
export const leaseholdApp = ({ operations = all, context = {}, validate = false, change }: Options = {}): App => {
  const app = new App({
    outdir: mkdtempSync(join(outputs, 'app-')),
    context: { ...flags, ...context },
    builtinCloudFormationValidation: validate,
  });
  addLeasehold(app, {
    operations,
    code: () => Code.fromInline('export const handler = async () => {};'),
    console: Source.data('index.html', 'The page'),
  });
  change?.(app);
  return app;
};

/** The templates of this test file, by their context: a synthesis takes longer than most tests. */
const synthesized = new Map<string, Record<string, Template>>();

/** Returns the templates of the app's stacks, by stack name. Throws if the synthesis fails. */
export const synthesize = (options: Options = {}): Record<string, Template> => {
  const { context, ...others } = options;
  const key = JSON.stringify(context ?? {});
  const before = Object.keys(others).length === 0 ? synthesized.get(key) : undefined;
  if (before) return before;
  const { stacks } = leaseholdApp(options).synth();
  const templates = Object.fromEntries(
    stacks.map(({ stackName, template }) => [stackName, Template.fromJSON(template)]),
  );
  if (Object.keys(others).length === 0) synthesized.set(key, templates);
  return templates;
};

export const resourcesOf = (template: Template | undefined): Record<string, Resource> => {
  if (!template) throw new Error('There is no such stack.');
  return template.toJSON().Resources;
};

/** Returns the resources of a type, with their logical IDs. */
export const ofType = (template: Template | undefined, type: string) =>
  Object.entries(resourcesOf(template))
    .filter(([, resource]) => resource.Type === type)
    .map(([id, resource]) => ({ id, ...resource }));
