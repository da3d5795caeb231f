import { parseArgs } from 'node:util';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { credentialOfSignIn } from '../../client/command/sign-in/sign-in-credential.ts';
import { createClient } from '../../client/index.ts';
import { canaryProduct } from '../../functions/canary.ts';
import { canaryKeyParameter, stackName } from '../stages.ts';
import { findTestOrganization, sellTestProduct, untilOwner } from './smoke/test-organization.ts';
import { outputsOf } from './stack-outputs.ts';

/**
 * `npm run canary-key -- --url <address> [--stage <stage>]`: sells the canary its product, makes an API key that can do nothing
 * but use it, and puts the key into the parameter that the stage's canary reads. A repetition replaces the key. Prints no secret.
 */
const name = 'Canary';

const run = async (): Promise<void> => {
  const { values } = parseArgs({ options: { url: { type: 'string' }, stage: { type: 'string' } } });
  const { url = process.env.LEASEHOLD_URL, stage } = values;
  if (!url || !URL.canParse(url)) throw new Error('--url is the address of the service, https://licenses.example.com');
  // No canary reads the parameter of a stage that is not deployed, and the former key would be revoked.
  await outputsOf(stackName(stage, 'Functions'));
  const parameter = canaryKeyParameter(stage);
  const vendor = createClient({
    baseUrl: url,
    credential: process.env.LEASEHOLD_TOKEN ?? credentialOfSignIn(process.env, url),
  });
  const organizationId = await findTestOrganization(vendor);
  await untilOwner(vendor, organizationId);
  await sellTestProduct(vendor, organizationId, canaryProduct);
  const { id, key } = await vendor.createApiKey({ organizationId, name });
  await new SSMClient().send(
    new PutParameterCommand({ Name: parameter, Value: key, Type: 'SecureString', Overwrite: true }),
  );
  for await (const former of vendor.listApiKeys({ organizationId }))
    if (former.name === name && former.id !== id) await vendor.revokeApiKey({ organizationId, keyId: former.id });
  console.log(`The canary's key ${id} of ${organizationId} is in ${parameter}. Former keys are revoked.`);
};

try {
  await run();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
