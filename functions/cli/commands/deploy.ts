import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { codeVersion } from '../../../infra/sources.ts';
import { settingsOf } from '../../../infra/stages.ts';
import { dynamoRecordStore } from '../../../lib/adapters/aws/dynamoRecordStore.ts';
import { s3ObjectStore } from '../../../lib/adapters/aws/s3ObjectStore.ts';
import { awsAccount } from '../account/awsAccount.ts';
import { cdk } from '../account/cdk.ts';
import { deployStage } from '../account/deployStage.ts';
import { deployedStage, STAGE_OPTION } from '../account/stage.ts';
import { command, Stop } from '../command.ts';
import { synth } from '../synth.ts';
import { healthy } from './doctor.ts';

export const deploy = command({
  name: 'deploy',
  summary: 'Puts a stage into the AWS account of your credentials, or brings it up to date.',
  operands: '',
  atLeast: 0,
  atMost: 0,
  options: { stage: STAGE_OPTION, yes: { help: 'do not ask before permissions become wider (for pipelines)' } },
  details: `What differs between stages is in infra/settings/NAME.json. Data are kept: their version is looked at first, and data of a
later release are refused.`,
  async run(_, { stage, yes }, screen) {
    const name = deployedStage('deploy', stage);
    if (!(await healthy(name, screen))) throw new Stop('not deployed: see above');
    const account = awsAccount(settingsOf(name).region);
    const region = await account.region();
    const outputs = await deployStage(
      {
        stage: name,
        assembly: await synth({ stage: name }),
        account,
        region,
        data: ({ TableName = '', LakeBucketName = '' }) => ({
          records: dynamoRecordStore(TableName, new DynamoDBClient({ region })),
          lake: s3ObjectStore(LakeBucketName, new S3Client({ region })),
        }),
        cdk,
        clock: () => new Date(),
        codeVersion: codeVersion(),
        unasked: yes === true,
      },
      (line) => screen.print(line),
    );
    const { ApiUrl, DropsBucketName } = outputs as Readonly<Record<string, string>>;
    screen.print(`drop files   aws s3 cp FILE s3://${DropsBucketName}/drops/`);
    screen.print(`ask          curl '${ApiUrl}v1/status'`);
    return 0;
  },
});
