import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Source } from 'aws-cdk-lib/aws-s3-deployment';
import { addLeasehold } from '../../../infra/stacks/leasehold.ts';
import { operations } from '../../../shared/contracts/operations.ts';
import { startDatabase } from '../database.ts';
import { countAll } from './count.ts';
import { countLogged } from './logged.ts';
import { pageOf } from './page.ts';
import { priceAll } from './price.ts';

// `npm run costs` writes docs/cost.md.

/** Returns how many resources of a type the templates have. */
const resourcesOf = (type: string): number => {
  const app = new App({ analyticsReporting: false });
  addLeasehold(app, {
    operations,
    code: () => Code.fromInline('export const handler = async () => {};'),
    console: Source.data('index.html', 'The page'),
  });
  return app
    .synth()
    .stacks.reduce((sum, { template }) => sum + Object.keys(Template.fromJSON(template).findResources(type)).length, 0);
};

const database = await startDatabase();
try {
  const counts = await countAll(database);
  const logged = await countLogged(database);
  const templates = { alarms: resourcesOf('AWS::CloudWatch::Alarm'), keys: resourcesOf('AWS::KMS::Key') };
  const page = pageOf(counts, priceAll(counts, logged, templates));
  writeFileSync(join(import.meta.dirname, '../../../docs/cost.md'), page);
  console.log(page);
} finally {
  await database.stop();
}
