import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Source } from 'aws-cdk-lib/aws-s3-deployment';
import { operations } from '../shared/contracts/operations.ts';
import { bundle } from './bundle.ts';
import { buildConsole } from './console-build.ts';
import { functionsOf } from './functions.ts';
import { addLeasehold } from './stacks/leasehold.ts';

// The app of `cdk` (see cdk.json): bundles the functions, builds the console, and describes the service.
const to = join(import.meta.dirname, '..', 'dist', 'functions');
const sizes = await bundle({ files: functionsOf(operations).map(({ file }) => file), to });
console.error(`Bundled ${sizes.size} functions, the largest has ${Math.ceil(Math.max(...sizes.values()) / 1000)} KB.`);

const app = new App();
addLeasehold(app, {
  operations,
  code: (file) => Code.fromAsset(join(to, file)),
  console: Source.asset(await buildConsole()),
});
app.synth();
