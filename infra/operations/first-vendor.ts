import { parseArgs } from 'node:util';
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  CognitoIdentityProviderClient,
  UsernameExistsException,
} from '@aws-sdk/client-cognito-identity-provider';
import * as z from 'zod';
import { stackName } from '../stages.ts';
import { OperatorError } from './service-secrets.ts';
import { outputsOf } from './stack-outputs.ts';

/**
 * `npm run first-vendor -- --email <address> [--stage <stage>]`: makes an account at the user pool, in the vendor's group, and
 * prints the console's address. Cognito mails a password. A repetition changes nothing. The command reads the credentials and
 * the Region as the AWS CLI does.
 */
const Options = z.object({ email: z.email('--email is an email address'), stage: z.string().optional() });

const run = async () => {
  const { values } = parseArgs({ options: { email: { type: 'string' }, stage: { type: 'string' } } });
  const parsed = Options.safeParse(values);
  if (!parsed.success) throw new OperatorError(parsed.error.issues.map(({ message }) => message).join('\n'));
  const { email, stage } = parsed.data;
  const { UserPoolId, VendorGroup: GroupName } = await outputsOf(
    stackName(stage, 'Identity'),
    " With another issuer than Cognito, put the person into the vendor's group there.",
  );
  const { Url } = await outputsOf(stackName(stage, 'Console'));
  const cognito = new CognitoIdentityProviderClient();
  const user = { UserPoolId, Username: email };
  const made = await cognito
    .send(
      new AdminCreateUserCommand({
        ...user,
        UserAttributes: [
          { Name: 'email', Value: email },
          { Name: 'email_verified', Value: 'true' },
        ],
      }),
    )
    .then(
      () => true,
      (error: unknown) => {
        if (error instanceof UsernameExistsException) return false;
        throw error;
      },
    );
  await cognito.send(new AdminAddUserToGroupCommand({ ...user, GroupName }));
  console.log(
    made
      ? `${email} is a vendor, and gets a mail with a password.\nSign in at ${Url}`
      : `${email} had an account, and is a vendor.\nSign in at ${Url}`,
  );
};

try {
  await run();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
