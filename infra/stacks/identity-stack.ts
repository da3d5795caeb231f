import { Aws, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  AccountRecovery,
  type CfnUserPool,
  FeaturePlan,
  Mfa,
  OAuthScope,
  UserPool,
  UserPoolClient,
} from 'aws-cdk-lib/aws-cognito';
import { CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import { redirectUris } from '../../client/command/sign-in/redirect-uris.ts';
import { Firewall } from '../constructs/firewall.ts';
import { sendingIdentity } from '../constructs/mails.ts';
import { acceptFinding } from '../nag.ts';
import type { Settings } from '../settings.ts';
import { serviceName } from '../stages.ts';

/** The issuer whose tokens the service accepts: the settings of the authorizer, and of the page. */
export interface Identity {
  readonly issuer: string;
  readonly audience: string;
  /** The console's client ID. */
  readonly clientId: string;
  /** The command's client ID, if it is not the console's. */
  readonly commandClientId?: string;
  readonly jwksUri?: string;
  readonly groupsClaim: string;
  /** How far ahead a token may end; by default a day. */
  readonly maxTokenSeconds?: number;
  readonly vendorGroup: string;
}

/** An issuer that does not know the console yet. */
export interface Issuer {
  /** The issuer's origins, which a browser needs for the sign-in. */
  readonly origins: readonly string[];
  /** Registers the console, which has this URL. */
  readonly register: (console: Construct, url: string) => Identity;
}

interface IdentityStackProps extends StackProps {
  readonly settings: Settings;
}

/**
 * A Cognito user pool as the OpenID Connect issuer. Callers send the **ID token**: a Cognito access token carries
 * neither `email` nor `aud`. An account alone gives access to nothing: memberships are in the table, and invitations are
 * bound to the verified email.
 */
export class IdentityStack extends Stack implements Issuer {
  readonly origins: readonly string[];
  private readonly users: UserPool;
  private readonly commandClientId: string;
  private readonly vendorGroup: string;

  constructor(scope: Construct, id: string, { settings, ...props }: IdentityStackProps) {
    super(scope, id, { ...props, terminationProtection: settings.keepData });
    this.vendorGroup = settings.vendorGroup;

    this.users = new UserPool(this, 'Users', {
      signInAliases: { email: true },
      signInCaseSensitive: false,
      selfSignUpEnabled: settings.selfSignUp,
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
      deletionProtection: settings.keepData,
      removalPolicy: settings.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.sendMails(settings);
    if (settings.firewall) this.guard();
    acceptFinding(
      this.users,
      'AwsSolutions-COG8',
      'The Plus plan bills every active user for threat protection, and has no free tier. Here a second factor is ' +
        'required of everybody and passwords have 12 characters, so a guessed or leaked password opens nothing.',
    );

    this.users.addGroup('Vendor', {
      groupName: settings.vendorGroup,
      description: 'Operators of the service: they set subscriptions.',
    });

    const domainPrefix = `${serviceName(settings.stage)}-${Aws.ACCOUNT_ID}`;
    this.users.addDomain('SignIn', { cognitoDomain: { domainPrefix } });
    this.origins = [
      `https://cognito-idp.${Aws.REGION}.amazonaws.com`,
      `https://${domainPrefix}.auth.${Aws.REGION}.amazoncognito.com`,
    ];
    // The command on people's own machines.
    this.commandClientId = this.users.addClient('Client', clientOf(redirectUris)).userPoolClientId;

    new CfnOutput(this, 'UserPoolId', { value: this.users.userPoolId });
    new CfnOutput(this, 'VendorGroup', { value: settings.vendorGroup });
  }

  /** The page's client is in the page's stack: only there is the page's address known, and this stack outlives the page. */
  register(console: Construct, url: string): Identity {
    const { userPoolClientId: clientId } = new UserPoolClient(console, 'Client', {
      userPool: this.users,
      ...clientOf([url], [url]),
    });
    return {
      issuer: this.users.userPoolProviderUrl,
      audience: [clientId, this.commandClientId].join(),
      clientId,
      commandClientId: this.commandClientId,
      groupsClaim: 'cognito:groups',
      vendorGroup: this.vendorGroup,
    };
  }

  private guard() {
    // A sign-in is some ten requests, and an office may be behind one address.
    const { attrArn } = new Firewall(this, 'Firewall', { scope: 'REGIONAL', requestsOfAddress: 3000 });
    new CfnWebACLAssociation(this, 'Guard', { resourceArn: this.users.userPoolArn, webAclArn: attrArn });
  }

  /** By SES from the service's own address, if it has one: Cognito's own sender is limited to some 50 mails a day. */
  private sendMails({ mailFrom, mailIdentity }: Settings) {
    if (mailFrom === undefined) return;
    const pool = this.users.node.defaultChild as CfnUserPool;
    pool.emailConfiguration = {
      emailSendingAccount: 'DEVELOPER',
      from: mailFrom,
      sourceArn: sendingIdentity(this, mailFrom, mailIdentity),
    };
  }
}

/** Returns the settings of a public client. Each refresh token works once, and a minute longer, as an answer can be lost. */
const clientOf = (callbackUrls: string[], logoutUrls: string[] = []) => ({
  authFlows: { userSrp: true },
  oAuth: {
    flows: { authorizationCodeGrant: true },
    scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.PROFILE],
    callbackUrls,
    logoutUrls,
  },
  preventUserExistenceErrors: true,
  enableTokenRevocation: true,
  idTokenValidity: Duration.hours(1),
  accessTokenValidity: Duration.hours(1),
  refreshTokenValidity: Duration.days(30),
  refreshTokenRotationGracePeriod: Duration.minutes(1),
});
