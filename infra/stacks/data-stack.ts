import { CfnOutput, Duration, Fn, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault } from 'aws-cdk-lib/aws-backup';
import {
  AttributeType,
  Billing,
  BillingMode,
  type ITable,
  MultiRegionConsistency,
  StreamViewType,
  Table,
  TableEncryption,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { type IKey, Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { tableKeys } from '../../shared/table/store/keys.ts';
import { acceptFinding } from '../nag.ts';
import type { Settings } from '../settings.ts';

interface DataStackProps extends StackProps {
  readonly settings: Settings;
}

/** The data, in a stack that seldom changes and cannot be deleted by mistake. */
export class DataStack extends Stack {
  readonly table: ITable;
  /** In the order of the names. */
  readonly signingKeys: readonly IKey[];

  constructor(scope: Construct, id: string, { settings, ...props }: DataStackProps) {
    super(scope, id, { ...props, terminationProtection: settings.keepData });
    const removalPolicy = settings.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.table = this.existingTable(settings) ?? this.newTable(settings, removalPolicy);
    if (settings.backupDays > 0) this.backUp(settings.backupDays);
    this.signingKeys = settings.signingKeys.map((name) => this.signingKey(name, removalPolicy));
  }

  /** Returns the table of the settings, which `npm run adopt-table` has made like a new one. */
  private existingTable({ table, tableStream }: Settings): ITable | undefined {
    if (table === undefined || tableStream === undefined) return undefined;
    return Table.fromTableAttributes(this, 'Table', { tableName: table, tableStreamArn: tableStream });
  }

  private newTable({ keepData, replicas, witness }: Settings, removalPolicy: RemovalPolicy): ITable {
    // No index: an activation or a heartbeat would pay for it. No TTL: history is purged by the schedule.
    const props = {
      partitionKey: { name: tableKeys.partition, type: AttributeType.STRING },
      sortKey: { name: tableKeys.sort, type: AttributeType.STRING },
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: keepData,
      removalPolicy,
    };
    // KMS with the key that AWS manages: its use is logged, and unlike a key of our own it costs nothing idle.
    if (replicas.length === 0)
      return new Table(this, 'Table', {
        ...props,
        billingMode: BillingMode.PAY_PER_REQUEST,
        stream: StreamViewType.NEW_AND_OLD_IMAGES,
        encryption: TableEncryption.AWS_MANAGED,
      });
    // Another resource with an ID of its own: CloudFormation turns no table of one Region into one of several.
    const table = new TableV2(this, 'GlobalTable', {
      ...props,
      billing: Billing.onDemand(),
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      encryption: TableEncryptionV2.awsManagedKey(),
      replicas: replicas.map((region) => ({ region })),
      multiRegionConsistency: MultiRegionConsistency.STRONG,
      ...(witness !== undefined && { witnessRegion: witness }),
    });
    new CfnOutput(this, 'TableName', {
      value: table.tableName,
      description: 'The setting `table` of the other Regions',
    });
    return table;
  }

  /** Copies the table each night. Point-in-time recovery goes back 35 days, and ends with the table. */
  private backUp(days: number): void {
    // AWS deletes no vault that has copies, so it stays. A part of the stack's ID leaves its name to it when the stack comes anew.
    const ofStack = Fn.select(4, Fn.split('-', Fn.select(2, Fn.split('/', this.stackId))));
    const backupVault = new BackupVault(this, 'Backups', { backupVaultName: `${this.stackName}-${ofStack}` });
    const plan = new BackupPlan(this, 'BackupPlan', { backupVault, backupPlanName: this.stackName });
    plan.addRule(
      new BackupPlanRule({
        ruleName: 'Daily',
        scheduleExpression: Schedule.cron({ hour: '3', minute: '0' }),
        deleteAfter: Duration.days(days),
      }),
    );
    const selection = plan.addSelection('Table', { resources: [BackupResource.fromDynamoDbTable(this.table)] });
    acceptFinding(
      selection,
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup]',
      'AWS Backup alone can assume this role. AWS keeps the policy in step with what its backups need; it lets nobody read or ' +
        'restore a copy.',
    );
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
