import { Aws, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AccountRecovery, FeaturePlan, Mfa, OAuthScope, UserPool } from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import { redirectUris } from '../../client/command/sign-in/redirect-uris.ts';
import { acceptFinding } from '../nag.ts';

/** The issuer whose tokens the service accepts: the settings of the authorizer. */
export interface Identity {
  readonly issuer: string;
  readonly audience: string;
  /** The console's client ID. */
  readonly clientId: string;
  /** The issuer's origins, which a browser needs for the sign-in. */
  readonly origins: readonly string[];
  readonly jwksUri?: string;
  readonly groupsClaim: string;
  /** How far ahead a token may end; by default a day. */
  readonly maxTokenSeconds?: number;
  readonly vendorGroup: string;
}

interface IdentityStackProps extends StackProps {
  readonly vendorGroup: string;
  readonly consoleUrl?: string;
}

/**
 * A Cognito user pool as the OpenID Connect issuer. Callers send the **ID token**: a Cognito access token carries
 * neither `email` nor `aud`. Anyone may sign up, since an account alone gives access to nothing: memberships are
 * in the table, and invitations are bound to the verified email.
 */
export class IdentityStack extends Stack {
  readonly identity: Identity;

  constructor(scope: Construct, id: string, { vendorGroup, consoleUrl, ...props }: IdentityStackProps) {
    super(scope, id, { ...props, terminationProtection: true });

    const users = new UserPool(this, 'Users', {
      signInAliases: { email: true },
      signInCaseSensitive: false,
      selfSignUpEnabled: true,
      autoVerify: { email: true },
      // A changed email counts only once it is verified; until then the old one stays.
      keepOriginal: { email: true },
      standardAttributes: {
        email: { required: true, mutable: true },
        fullname: { required: false, mutable: true },
      },
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      // People sign in rarely (runners use API keys), and an owner's account is worth a second factor.
      mfa: Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      featurePlan: FeaturePlan.ESSENTIALS,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acceptFinding(
      users,
      'AwsSolutions-COG8',
      'The Plus plan bills every active user for threat protection, and has no free tier. Here a second factor is ' +
        'required of everybody and passwords have 12 characters, so a guessed or leaked password opens nothing.',
    );

    users.addGroup('Vendor', {
      groupName: vendorGroup,
      description: 'Operators of the service: they set subscriptions.',
    });

    const domainPrefix = `leasehold-${Aws.ACCOUNT_ID}`;
    const client = users.addClient('Client', {
      authFlows: { userSrp: true },
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      idTokenValidity: Duration.hours(1),
      accessTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.days(30),
      ...(consoleUrl === undefined
        ? { disableOAuth: true }
        : {
            oAuth: {
              flows: { authorizationCodeGrant: true },
              scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.PROFILE],
              // The console, and the command on people's own machines.
              callbackUrls: [new URL('/', consoleUrl).href, ...redirectUris],
              logoutUrls: [new URL('/', consoleUrl).href],
            },
          }),
    });
    if (consoleUrl !== undefined) {
      const domain = users.addDomain('SignIn', { cognitoDomain: { domainPrefix } });
      new CfnOutput(this, 'SignInUrl', { value: domain.baseUrl() });
    }

    this.identity = {
      issuer: users.userPoolProviderUrl,
      audience: client.userPoolClientId,
      clientId: client.userPoolClientId,
      origins: [
        `https://cognito-idp.${Aws.REGION}.amazonaws.com`,
        `https://${domainPrefix}.auth.${Aws.REGION}.amazoncognito.com`,
      ],
      groupsClaim: 'cognito:groups',
      vendorGroup,
    };
    new CfnOutput(this, 'UserPoolId', { value: users.userPoolId });
    new CfnOutput(this, 'ClientId', { value: client.userPoolClientId });
  }
}
