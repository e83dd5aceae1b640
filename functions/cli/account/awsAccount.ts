import {
  CloudFormationClient,
  DescribeStacksCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetAccountCommand, GetEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { GetQueueAttributesCommand, SQSClient, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Account } from './account.ts';
import { copyTable } from './copyTable.ts';

const BOOTSTRAP_STACK = 'CDKToolkit';

/** The account that the credentials of the shell belong to. */
export function awsAccount(region: string | null): Account {
  const place = region === null ? {} : { region };
  const stacks = new CloudFormationClient(place);

  async function outputs(stack: string) {
    try {
      const { Stacks = [] } = await stacks.send(new DescribeStacksCommand({ StackName: stack }));
      return Object.fromEntries(
        (Stacks[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue] as const),
      );
    } catch (error) {
      // CloudFormation has no error of its own for this.
      if ((error as Error).name === 'ValidationError' && /does not exist/.test((error as Error).message)) return null;
      throw error;
    }
  }

  return {
    async identity() {
      const { Account: account = '', Arn: arn = '' } = await new STSClient(place).send(
        new GetCallerIdentityCommand({}),
      );
      return { account, arn };
    },
    region: () => stacks.config.region(),
    async bootstrap() {
      const version = Number((await outputs(BOOTSTRAP_STACK))?.BootstrapVersion);
      return Number.isFinite(version) ? version : null;
    },
    async concurrency() {
      const { AccountLimit } = await new LambdaClient(place).send(new GetAccountSettingsCommand({}));
      return AccountLimit?.ConcurrentExecutions ?? 0;
    },
    async sender(address) {
      const mail = new SESv2Client(place);
      const { ProductionAccessEnabled = false } = await mail.send(new GetAccountCommand({}));
      for (const EmailIdentity of [address, address.slice(address.lastIndexOf('@') + 1)]) {
        try {
          const { VerifiedForSendingStatus = false } = await mail.send(new GetEmailIdentityCommand({ EmailIdentity }));
          return { verified: VerifiedForSendingStatus, sandbox: !ProductionAccessEnabled };
        } catch (error) {
          if ((error as Error).name !== 'NotFoundException') throw error;
        }
      }
      return null;
    },
    outputs,
    async unprotect(stack) {
      await stacks.send(
        new UpdateTerminationProtectionCommand({ StackName: stack, EnableTerminationProtection: false }),
      );
    },
    empty: (bucket) => emptyBucket(new S3Client(place), bucket),
    copyTable: (from, to, onItem) => copyTable(new DynamoDBClient(place), { from, to }, onItem),
    async redrive(deadLettersUrl) {
      const queues = new SQSClient(place);
      const { Attributes } = await queues.send(
        new GetQueueAttributesCommand({
          QueueUrl: deadLettersUrl,
          AttributeNames: ['QueueArn', 'ApproximateNumberOfMessages'],
        }),
      );
      const waiting = Number(Attributes?.ApproximateNumberOfMessages ?? 0);
      // No destination: each goes back to the queue that it came from.
      if (waiting > 0) await queues.send(new StartMessageMoveTaskCommand({ SourceArn: Attributes?.QueueArn }));
      return waiting;
    },
  };
}

/** Removes all that a bucket holds, a thousand at a time; see Account.empty. */
export async function emptyBucket(s3: Pick<S3Client, 'send'>, bucket: string): Promise<number> {
  let removed = 0;
  for (;;) {
    // from the start again after each thousand: what was listed is gone
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) break;
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
    );
    const [first] = Errors;
    if (first) throw new Error(`${bucket}: ${first.Key} cannot be removed: ${first.Code} ${first.Message}`);
    removed += Objects.length;
  }
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  for (const { Key, UploadId } of Uploads)
    await s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
  return removed;
}
