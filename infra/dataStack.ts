import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type CfnBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { lakeTables } from './lakeTables.ts';
import type { Stage } from './stages.ts';

interface DataStackProps extends StackProps {
  readonly settings: Stage;
}

/** Everything that holds state. Logical ids here are a contract: a renamed resource is a lost one. */
export class DataStack extends Stack {
  readonly drops: Bucket;
  readonly lake: Bucket;
  readonly artifacts: Bucket;
  readonly table: Table;
  readonly bus: EventBus;

  constructor(scope: Construct, id: string, { settings, ...props }: DataStackProps) {
    super(scope, id, props);
    const removalPolicy = settings.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;

    const bucket = (name: string, extra: BucketProps): Bucket => {
      const made = new Bucket(this, name, {
        blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
        encryption: BucketEncryption.S3_MANAGED,
        enforceSSL: true,
        objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
        removalPolicy,
        ...extra,
        lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(3) }, ...(extra.lifecycleRules ?? [])],
      });
      Validations.of(made).acknowledge({
        id: 'AwsSolutions-S1',
        reason:
          'Trade statistics, read by roles of this application only: a log of every read would cost more than it tells.',
      });
      return made;
    };

    // What people drop is the one thing that cannot be made again: an overwritten file stays for a while.
    this.drops = bucket('Drops', {
      versioned: true,
      lifecycleRules: [{ noncurrentVersionExpiration: Duration.days(90) }],
    });
    // Said on the bucket itself: the L2 switch would bring a function of its own.
    (this.drops.node.defaultChild as CfnBucket).notificationConfiguration = {
      eventBridgeConfiguration: { eventBridgeEnabled: true },
    };
    this.lake = bucket('Lake', {});
    this.artifacts = bucket('Artifacts', {
      lifecycleRules: [
        { prefix: 'athena/', expiration: Duration.days(7) },
        ...(settings.artifactDays === null
          ? []
          : [{ prefix: 'runs/', expiration: Duration.days(settings.artifactDays) }]),
      ],
    });

    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: 'expiresAt',
      deletionProtection: settings.keepData,
      removalPolicy,
    });

    this.bus = new EventBus(this, 'Bus');

    lakeTables(this, {
      lake: this.lake,
      answers: this.artifacts,
      keepData: settings.keepData,
      databaseName: this.stackName.replaceAll('-', '_').toLowerCase(),
    });

    new CfnOutput(this, 'DropsBucketName', {
      value: this.drops.bucketName,
      description: 'Put files under drops/ here',
    });
    new CfnOutput(this, 'LakeBucketName', { value: this.lake.bucketName });
    new CfnOutput(this, 'ArtifactsBucketName', { value: this.artifacts.bucketName });
    new CfnOutput(this, 'TableName', { value: this.table.tableName });
    new CfnOutput(this, 'EventBusName', { value: this.bus.eventBusName });
  }
}
