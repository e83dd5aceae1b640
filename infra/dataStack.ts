import { Aws, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type CfnBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Stage } from './stages.ts';

/** File formats that write flows to the lake: the values of its `source` partition. */
const SOURCES = ['baci', 'tidy'];

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
    this.artifacts = bucket(
      'Artifacts',
      settings.artifactDays === null
        ? {}
        : { lifecycleRules: [{ prefix: 'runs/', expiration: Duration.days(settings.artifactDays) }] },
    );

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

    this.flowsInSql();

    new CfnOutput(this, 'DropsBucketName', {
      value: this.drops.bucketName,
      description: 'Put files under drops/ here',
    });
    new CfnOutput(this, 'LakeBucketName', { value: this.lake.bucketName });
    new CfnOutput(this, 'ArtifactsBucketName', { value: this.artifacts.bucketName });
    new CfnOutput(this, 'TableName', { value: this.table.tableName });
    new CfnOutput(this, 'EventBusName', { value: this.bus.eventBusName });
  }

  /** Lets Athena read the curated flows. Partitions follow from the keys, so nothing has to be registered. */
  private flowsInSql(): void {
    const name = this.stackName.replaceAll('-', '_').toLowerCase();
    const database = new CfnDatabase(this, 'Catalog', { catalogId: Aws.ACCOUNT_ID, databaseInput: { name } });
    const flows = `s3://${this.lake.bucketName}/curated/flows/`;
    new CfnTable(this, 'Flows', {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: database.ref,
      tableInput: {
        name: 'flows',
        tableType: 'EXTERNAL_TABLE',
        partitionKeys: [
          { name: 'source', type: 'string' },
          { name: 'year', type: 'int' },
        ],
        storageDescriptor: {
          columns: [
            { name: 'exporter', type: 'string', comment: 'ISO 3166-1 alpha-3' },
            { name: 'importer', type: 'string', comment: 'ISO 3166-1 alpha-3' },
            { name: 'product', type: 'string', comment: 'HS code' },
            { name: 'value_usd', type: 'double', comment: 'current US dollars' },
            { name: 'quantity_tonnes', type: 'double', comment: 'metric tons; null when unknown' },
          ],
          location: flows,
          inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
          outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
          serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
        },
        parameters: {
          classification: 'parquet',
          'projection.enabled': 'true',
          'projection.source.type': 'enum',
          'projection.source.values': SOURCES.join(','),
          'projection.year.type': 'integer',
          'projection.year.range': '1960,2060',
          'storage.location.template': `${flows}source=\${source}/year=\${year}/`,
        },
      },
    });
  }
}
