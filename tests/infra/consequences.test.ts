import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { consequences } from './consequences.ts';
import { type Resource, templates } from './templates.ts';

/**
 * What a stage means for who runs it is stored beside this file. A change of it is a change to read and to agree to:
 * `npm test -- tests/infra/consequences -u` writes it down anew, and the difference belongs to the commit.
 */
describe.each(['dev', 'prod'])('what follows from %s', (stage) => {
  it('is what was agreed to', async () => {
    const file = join(import.meta.dirname, 'expected', `${stage}.json`);
    await expect(`${JSON.stringify(consequences(templates(stage)), null, 2)}\n`).toMatchFileSnapshot(file);
  });
});

type Change = (resource: Resource, all: readonly Resource[]) => void;

/** The prod templates in which the first resource that `which` finds is changed. */
function broken(which: (resource: Resource) => boolean, change: Change): ReturnType<typeof templates> {
  const stage = templates('prod');
  const found = stage.resources.find(which);
  if (!found) throw new RangeError('nothing to change');
  change(found, stage.resources);
  return stage;
}
const ofType =
  (type: string, begins = '') =>
  (resource: Resource) =>
    resource.Type === type && resource.id.startsWith(begins);
const workQueue = (begins: string) => (resource: Resource) =>
  ofType('AWS::SQS::Queue', begins)(resource) && resource.Properties.RedrivePolicy !== undefined;
const policyOf = (role: string) => ofType('AWS::IAM::Policy', role);
const sound = consequences(templates('prod'));

/** Every rule below holds of what is shipped, and each of these mistakes breaks it: a test that cannot fail would not tell. */
const RULES: Readonly<Record<string, (found: ReturnType<typeof consequences>) => boolean>> = {
  'no bucket is public': ({ buckets }) => Object.values(buckets).every((bucket) => !bucket.public),
  'every bucket is encrypted, and asked over TLS only': ({ buckets }) =>
    Object.values(buckets).every(({ encrypted, tlsOnly }) => encrypted && tlsOnly),
  'what was dropped can be brought back': ({ buckets }) => buckets.Drops?.oldVersions === 'kept',
  'data outlive their stack': ({ buckets, tables }) =>
    [...Object.values(buckets), ...Object.values(tables)].every(({ whenDeleted }) => whenDeleted === 'kept'),
  'the table is backed up, and nobody deletes it by accident': ({ tables }) =>
    Object.values(tables).every((table) => table.pointInTimeRecovery && table.protected),
  'a permission names its action, and its resource unless AWS knows none': ({ functions }) =>
    Object.values(functions)
      .flatMap(({ may }) => may)
      .every((line) => !/^[^ ]*\*/.test(line) && (!line.endsWith(' on *') || line.startsWith('xray:'))),
  'no message is lost': ({ queues }) =>
    Object.values(queues).every(
      ({ deadLetters, attempts, alarmed }) => deadLetters !== 'lost' && attempts === 5 && alarmed,
    ),
  'a message is hidden for six times as long as its work may take': ({ queues }) =>
    Object.values(queues).every(({ hiddenForSixTimeouts }) => hiddenForSixTimeouts),
  'logs are not kept for ever': ({ functions }) =>
    Object.values(functions).every(({ logsKeptDays }) => Number.isInteger(logsKeptDays)),
};

it.each(Object.keys(RULES))('%s', (rule) => expect(RULES[rule]?.(sound)).toBe(true));

describe('a mistake in a template is seen', () => {
  it.each<[string, string, (resource: Resource) => boolean, Change]>([
    [
      'a bucket without its block',
      'no bucket is public',
      ofType('AWS::S3::Bucket', 'Lake'),
      ({ Properties }) => delete Properties.PublicAccessBlockConfiguration,
    ],
    [
      'a bucket with half a block',
      'no bucket is public',
      ofType('AWS::S3::Bucket', 'Drops'),
      ({ Properties }) => {
        Properties.PublicAccessBlockConfiguration.BlockPublicPolicy = false;
      },
    ],
    [
      'a bucket policy for everybody',
      'no bucket is public',
      ofType('AWS::S3::BucketPolicy', 'Lake'),
      ({ Properties }) =>
        Properties.PolicyDocument.Statement.push({
          Effect: 'Allow',
          Principal: { AWS: '*' },
          Action: 's3:GetObject',
          Resource: '*',
        }),
    ],
    [
      'a bucket without encryption',
      'every bucket is encrypted, and asked over TLS only',
      ofType('AWS::S3::Bucket'),
      ({ Properties }) => delete Properties.BucketEncryption,
    ],
    [
      'a bucket policy gone',
      'every bucket is encrypted, and asked over TLS only',
      ofType('AWS::S3::BucketPolicy'),
      ({ Properties }) => {
        Properties.PolicyDocument.Statement = [];
      },
    ],
    [
      'drops without versions',
      'what was dropped can be brought back',
      ofType('AWS::S3::Bucket', 'Drops'),
      ({ Properties }) => delete Properties.VersioningConfiguration,
    ],
    [
      'a table without retention',
      'data outlive their stack',
      ofType('AWS::DynamoDB::Table'),
      (resource) => Object.assign(resource, { DeletionPolicy: 'Delete' }),
    ],
    [
      'a table that is lost when replaced',
      'data outlive their stack',
      ofType('AWS::DynamoDB::Table'),
      (resource) => Object.assign(resource, { UpdateReplacePolicy: undefined }),
    ],
    [
      'a bucket without retention',
      'data outlive their stack',
      ofType('AWS::S3::Bucket', 'Artifacts'),
      (resource) => Object.assign(resource, { DeletionPolicy: undefined }),
    ],
    [
      'a table without backup',
      'the table is backed up, and nobody deletes it by accident',
      ofType('AWS::DynamoDB::Table'),
      ({ Properties }) => delete Properties.PointInTimeRecoverySpecification,
    ],
    [
      'a table without protection',
      'the table is backed up, and nobody deletes it by accident',
      ofType('AWS::DynamoDB::Table'),
      ({ Properties }) => {
        Properties.DeletionProtectionEnabled = false;
      },
    ],
    [
      'a wildcard action',
      'a permission names its action, and its resource unless AWS knows none',
      policyOf('ApiRole'),
      ({ Properties }) =>
        Properties.PolicyDocument.Statement.push({ Effect: 'Allow', Action: 'dynamodb:*', Resource: 'x' }),
    ],
    [
      'a wildcard resource',
      'a permission names its action, and its resource unless AWS knows none',
      policyOf('DueRole'),
      ({ Properties }) =>
        Properties.PolicyDocument.Statement.push({ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: '*' }),
    ],
    [
      'a queue without dead letters',
      'no message is lost',
      workQueue('StartQueue'),
      ({ Properties }) => delete Properties.RedrivePolicy,
    ],
    [
      'dead letters that nobody hears of',
      'no message is lost',
      ofType('AWS::CloudWatch::Alarm', 'IngestQueueDeadLetters'),
      ({ Properties }) => {
        Properties.MetricName = 'NumberOfMessagesSent';
      },
    ],
    [
      'a function that may take longer',
      'a message is hidden for six times as long as its work may take',
      ofType('AWS::Lambda::Function', 'Ingest'),
      ({ Properties }) => {
        Properties.Timeout = 301;
      },
    ],
    [
      'a message that is seen too soon',
      'a message is hidden for six times as long as its work may take',
      workQueue('DeliverQueue'),
      ({ Properties }) => {
        Properties.VisibilityTimeout = 179;
      },
    ],
    [
      'logs kept for ever',
      'logs are not kept for ever',
      ofType('AWS::Logs::LogGroup', 'Plan'),
      ({ Properties }) => delete Properties.RetentionInDays,
    ],
  ])('%s', (_, rule, which, change) => {
    const found = consequences(broken(which, change));
    expect(Object.keys(RULES).filter((each) => !RULES[each]?.(found))).toEqual([rule]);
    // and the stored expectation would differ, too
    expect(found).not.toEqual(sound);
  });
});
