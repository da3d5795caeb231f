import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { type IKey, Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { tableKeys } from '../../shared/table/store/keys.ts';
import type { Settings } from '../settings.ts';

interface DataStackProps extends StackProps {
  readonly settings: Settings;
}

/** The data, in a stack that seldom changes and cannot be deleted by mistake. */
export class DataStack extends Stack {
  readonly table: Table;
  /** In the order of the names. */
  readonly signingKeys: readonly IKey[];

  constructor(scope: Construct, id: string, { settings: { keepData, signingKeys }, ...props }: DataStackProps) {
    super(scope, id, { ...props, terminationProtection: keepData });
    const removalPolicy = keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;

    // No index: an activation or a heartbeat would pay for it. No TTL: history is purged by the schedule.
    this.table = new Table(this, 'Table', {
      partitionKey: { name: tableKeys.partition, type: AttributeType.STRING },
      sortKey: { name: tableKeys.sort, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // KMS with the key that AWS manages: its use is logged, and unlike a key of our own it costs nothing idle.
      encryption: TableEncryption.AWS_MANAGED,
      deletionProtection: keepData,
      removalPolicy,
    });

    this.signingKeys = signingKeys.map((name) => this.signingKey(name, removalPolicy));
  }

  /**
   * Returns the key of a name, or an existing one by its ARN. Each key costs a dollar a month, and nobody can read its private
   * part. KMS can't rotate such a key: add a new one beside it. Nor can it make a key multi-Region later.
   */
  private signingKey(name: string, removalPolicy: RemovalPolicy): IKey {
    if (name.startsWith('arn:')) return Key.fromKeyArn(this, `SigningKey${name.replace(/^.*\W/, '')}`, name);
    const key = new Key(this, `SigningKey${name}`, {
      description: `Leasehold: signs offline licenses (${name})`,
      keySpec: KeySpec.ECC_NIST_EDWARDS25519,
      keyUsage: KeyUsage.SIGN_VERIFY,
      multiRegion: true,
      removalPolicy,
    });
    key.addAlias(`${this.stackName}-signing-${name}`);
    return key;
  }
}
