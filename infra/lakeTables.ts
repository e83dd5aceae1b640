import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** File formats that write flows to the lake: the values of its `source` partition. */
const SOURCES = ['baci', 'tidy'];

/** A query that would read more than this is stopped: 99 GB, half a dollar. */
const MOST_BYTES = 99_000_000_000;

const QUERIES = {
  topOpportunities: 'The best opportunities of an exporter in the current run',
  pairHistory: 'What one country sold to another, year by year',
  runComparison: 'The current run beside the one before, exporter by exporter',
} as const;

interface Columns {
  readonly [name: string]: readonly [type: string, comment?: string];
}

const PARQUET = {
  inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
};
const JSON_LINES = {
  inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
  serdeInfo: { serializationLibrary: 'org.openx.data.jsonserde.JsonSerDe' },
};

interface LakeTablesProps {
  readonly lake: Bucket;
  /** where answers of queries go */
  readonly answers: Bucket;
  readonly keepData: boolean;
  /** id of the scope's database in its first template; a contract */
  readonly databaseName: string;
}

/** Lets Athena read the lake: flows as they were dropped, scores of every run, and which run is current. */
export function lakeTables(scope: Construct, { lake, answers, keepData, databaseName }: LakeTablesProps): void {
  const database = new CfnDatabase(scope, 'Catalog', {
    catalogId: Aws.ACCOUNT_ID,
    databaseInput: { name: databaseName },
  });
  const table = (
    id: string,
    name: string,
    columns: Columns,
    format: typeof PARQUET,
    more: { partitionKeys?: CfnTable.ColumnProperty[]; parameters?: Record<string, string> } = {},
  ) =>
    new CfnTable(scope, id, {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: database.ref,
      tableInput: {
        name,
        tableType: 'EXTERNAL_TABLE',
        ...(more.partitionKeys && { partitionKeys: more.partitionKeys }),
        storageDescriptor: {
          columns: Object.entries(columns).map(([column, [type, comment]]) => ({
            name: column,
            type,
            ...(comment === undefined ? {} : { comment }),
          })),
          location: `s3://${lake.bucketName}/curated/${name}/`,
          ...format,
        },
        parameters: { classification: format === PARQUET ? 'parquet' : 'json', ...more.parameters },
      },
    });

  // Partitions follow from the keys, so nothing has to be registered.
  table(
    'Flows',
    'flows',
    {
      exporter: ['string', 'ISO 3166-1 alpha-3'],
      importer: ['string', 'ISO 3166-1 alpha-3'],
      product: ['string', 'HS code'],
      value_usd: ['double', 'current US dollars'],
      quantity_tonnes: ['double', 'metric tons; null when unknown'],
    },
    PARQUET,
    {
      partitionKeys: [
        { name: 'source', type: 'string' },
        { name: 'year', type: 'int' },
      ],
      parameters: {
        'projection.enabled': 'true',
        'projection.source.type': 'enum',
        'projection.source.values': SOURCES.join(','),
        'projection.year.type': 'integer',
        'projection.year.range': '1960,2060',
        'storage.location.template': `s3://${lake.bucketName}/curated/flows/source=\${source}/year=\${year}/`,
      },
    },
  );
  table(
    'Scores',
    'scores',
    {
      run: ['string'],
      exporter: ['string', 'ISO 3166-1 alpha-3'],
      importer: ['string', 'ISO 3166-1 alpha-3'],
      product: ['string', 'HS code'],
      basis: ['string', 'existing, market, ... as the API names it'],
      score: ['double', '0 to 100'],
      opportunity_usd: ['double', 'gain that can be expected'],
      probability: ['double'],
      actual_usd: ['double'],
      potential_usd: ['double', 'null where nothing is sold of the product'],
      unrealised_usd: ['double', 'the same'],
      confidence: ['string', 'how far the potential can be relied on, A to D'],
    },
    PARQUET,
  );
  table(
    'Published',
    'published',
    { run: ['string'], previous: ['string', 'null for the first run'], published_at: ['string'] },
    JSON_LINES,
  );

  const workGroup = new CfnWorkGroup(scope, 'Queries', {
    name: databaseName,
    description: 'Questions to the lake in SQL; answers are kept for a week',
    recursiveDeleteOption: !keepData,
    workGroupConfiguration: {
      enforceWorkGroupConfiguration: true,
      bytesScannedCutoffPerQuery: MOST_BYTES,
      publishCloudWatchMetricsEnabled: false,
      resultConfiguration: {
        outputLocation: `s3://${answers.bucketName}/athena/`,
        encryptionConfiguration: { encryptionOption: 'SSE_S3' },
      },
    },
  });
  workGroup.applyRemovalPolicy(RemovalPolicy.DESTROY);
  for (const [name, description] of Object.entries(QUERIES)) {
    const query = new CfnNamedQuery(scope, `Query${name[0]?.toUpperCase()}${name.slice(1)}`, {
      name,
      description,
      database: databaseName,
      workGroup: workGroup.name,
      queryString: readFileSync(join(import.meta.dirname, 'queries', `${name}.sql`), 'utf8'),
    });
    query.addResourceDependency(workGroup);
    query.addResourceDependency(database);
  }
}
