import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { alertDemo } from '../../../functions/cli/alertDemo.ts';
import { geography } from '../../../functions/cli/geography.ts';
import { deployedVersion, serviceOf } from '../../../functions/cli/localService.ts';
import { receiver } from '../../../functions/cli/receiver.ts';
import { terminal } from '../../../functions/cli/terminal.ts';
import { type Crossing, type Fault, type Home, ServiceError, startHome } from '../../../infra/local/home.ts';
import { dynamoRecordStore } from '../../../lib/adapters/aws/dynamoRecordStore.ts';
import { baciFiles } from '../../../lib/core/demo/baciFiles.ts';
import { demoWorld } from '../../../lib/core/demo/world.ts';
import { mailsIn, subscriber, subscriptionLife } from '../subscriptionLife.ts';

const silent = terminal({ write: () => undefined }, { write: () => undefined }, { live: false, now: () => 0 });

/** One strike at calls of one function: the first `times` that `hits` says yes to. */
interface Plan {
  readonly caller: string;
  readonly operation: string;
  readonly strike: ReturnType<NonNullable<Fault['before']>>;
  times: number;
}

/**
 * Makes the application do everything that it can: drops that are stored, revised, refused and partly rejected, runs that are made,
 * disturbed and given up, alerts, e-mails that come back, every question of the API, everything that the clock wakes, and what happens
 * when calls fail.
 *
 * @returns what went from one part to another meanwhile
 */
export async function liveThrough(templateDir: string): Promise<Crossing[]> {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-execution-'));
  const crossings: Crossing[] = [];
  const plans: Plan[] = [];
  const strike = (caller: string, operation: string, times: number, what: Plan['strike'] = DENIED) =>
    plans.push({ caller, operation, times, strike: what });
  const hooks = await receiver(0, () => undefined);
  const home = await startHome({
    templateDir,
    stateDir: join(folder, 'state'),
    variables: { LOCAL_RECEIVERS: hooks.host },
    longestRestSeconds: 0.05,
    trace: (crossing) => crossings.push(crossing),
    fault: {
      before({ caller, operation }) {
        const plan = plans.find((each) => each.caller === caller && each.operation === operation && each.times > 0);
        if (!plan) return undefined;
        plan.times--;
        return plan.strike;
      },
    },
  });
  const { accessKeyId, secretAccessKey } = home.adminCredentials;
  const here = { endpoint: home.endpoint, region: home.region, credentials: { accessKeyId, secretAccessKey } };
  const bucket = new S3Client({ ...here, forcePathStyle: true });
  const queues = new SQSClient(here);
  const table = new DynamoDBClient(here);
  const drop = (name: string, Body: Uint8Array | string) =>
    bucket.send(new PutObjectCommand({ Bucket: home.outputs.DropsBucketName, Key: `drops/${name}`, Body }));
  try {
    const years = [2021, 2022, 2023, 2022, 2024].map((year, seed) =>
      baciFiles(demoWorld({ seed, places: geography(), years: [year], countries: 12, products: 24 })),
    );
    const [countries, products, first] = years[0] as [Dropped, Dropped, Dropped];
    const [second, third, revised, later] = years.slice(1).map((files) => files[2]) as [
      Dropped,
      Dropped,
      Dropped,
      Dropped,
    ];

    // a drop whose file cannot be got at all, until it is set aside; the clock finds it
    strike('ingest', 'GetObject', 5);
    await drop(first.name, first.bytes);
    await home.idle();
    home.fire('Reconciliation');
    await home.idle();
    // a dictionary of countries with one more, which has the flows read again; names; covariates; a file that says nothing known
    await drop(countries.name, `${new TextDecoder().decode(countries.bytes)}997,Elsewhere,XX,XXE\n`);
    await drop(products.name, products.bytes);
    await drop('dist_cepii.csv', DISTANCES);
    await drop('notes.csv', 'year,colour\n2021,blue\n');
    await home.idle();
    // an event of a file that is gone again
    await bucket.send(new DeleteObjectCommand({ Bucket: home.outputs.DropsBucketName, Key: 'drops/notes.csv' }));
    const gone = { detail: { bucket: { name: home.outputs.DropsBucketName }, object: { key: 'drops/notes.csv' } } };
    const message = { 'detail-type': 'Object Created', time: new Date().toISOString(), ...gone };
    await queues.send(
      new SendMessageCommand({ QueueUrl: home.outputs.IngestQueueUrl, MessageBody: JSON.stringify(message) }),
    );
    await home.idle();

    // rows that are wrong; a lease whose execution never began is taken over; a message during the run finds it busy; the first attempt fails in a step
    strike('start', 'StartExecution', 1, 'kill');
    strike('score', 'BatchWriteItem', 1);
    const during = home.onEvent((event) => {
      if (event.type === 'state.entered' && event.state === 'gravity')
        void queues.send(new SendMessageCommand({ QueueUrl: home.outputs.StartQueueUrl, MessageBody: '{}' }));
    });
    await drop('synthetic-2022.csv', `${new TextDecoder().decode(second.bytes)}2022,nobody,nobody,1,-1,x\n`);
    await home.idle();
    during();

    // alerts, on the run that follows; what changed cannot be found out; the e-mail comes back
    strike('changes', 'GetItem', 3);
    strike('tabulate', 'GetItem', 3);
    await dynamoRecordStore(home.outputs.TableName ?? '', table).put('watching', 'DEU', {}, null);
    await alertDemo(
      home,
      serviceOf({ home, codeVersion: await deployedVersion(templateDir) }),
      hooks,
      'MEX',
      async () => {
        await drop(third.name, third.bytes);
        await home.idle();
      },
      silent,
    );
    home.fire('Matching');
    home.fire('EveryMinute');
    home.raise(BOUNCED);
    await home.idle();

    // a year is revised and another one comes, so that what changed has more than one cause, and there is a year to back-test from
    const [revisedText, laterText] = [revised, later].map(({ bytes }) => new TextDecoder().decode(bytes));
    await subscriptionLife(home, hooks, {
      exporter: 'MEX',
      seen: await mailsIn(home),
      dropLater: async () => {
        await drop('synthetic-both.csv', `${revisedText}${laterText?.replace(/^.*\n/, '')}`);
        await home.idle();
      },
    });
    await home.idle();

    // and once more without it, which leaves the run published
    strike('backtest', 'GetItem', 3);
    await drop(products.name, `${new TextDecoder().decode(products.bytes)}999999,Nothing\n`);
    await home.idle();

    strike('subscriptions', 'UpdateItem', 1);
    await subscriber(home)('POST', '/v1/subscriptions/preview', { body: { filter: { exporter: 'MEX' } } });

    strike('api', 'GetItem', 1);
    await (await fetch(`${home.apiUrl}/v1/status`)).arrayBuffer();
    await everyQuestion(home, crossings);
    await home.idle();
    return crossings;
  } finally {
    table.destroy();
    queues.destroy();
    bucket.destroy();
    await home.close();
    await hooks.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Dropped {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const DENIED = new ServiceError('AccessDeniedException', 'not this time', 403);
const DISTANCES = `iso_o,iso_d,contig,comlang_off,colony,dist
MEX,USA,1,0,0,1600.5
USA,MEX,1,0,0,1600.5
MEX,DEU,0,0,0,9500
`;
const BOUNCED = {
  source: 'aws.ses',
  detailType: 'Email Bounced',
  detail: {
    eventType: 'Bounce',
    bounce: { bounceType: 'Permanent', bouncedRecipients: [{ emailAddress: 'you@example.com' }] },
    mail: { messageId: '1', destination: ['you@example.com'] },
  },
};

/** Asks every route of the API for something that exists, and each for what it lets browsers do. */
async function everyQuestion(home: Home, crossings: readonly Crossing[]): Promise<void> {
  const run = crossings.flatMap((crossing) =>
    crossing.type === 'event' && crossing.event['detail-type'] === 'scores.published'
      ? [(crossing.event.detail as { run: string }).run]
      : [],
  );
  const products = ((await (await fetch(`${home.apiUrl}/v1/products`)).json()) as { items: { code: string }[] }).items;
  const product = products[0]?.code;
  const paths = [
    '/v1/opportunities?exporter=MEX',
    `/v1/scores/MEX/${product}/USA`,
    '/v1/countries',
    '/v1/countries/MEX',
    '/v1/products',
    `/v1/products/${product}`,
    '/v1/runs',
    `/v1/runs/${run.at(-1)}`,
    `/v1/runs/${run.at(-1)}/changes`,
    `/v1/runs/${run.at(-1)}/changes/MEX`,
    '/v1/backtest',
    '/v1/datasets',
    '/v1/status',
    '/v1/health',
    '/v1/openapi.json',
    '/v1/nothing',
  ];
  for (const path of paths) {
    await (await fetch(`${home.apiUrl}${path}`)).arrayBuffer();
    await (await fetch(`${home.apiUrl}${path}`, { method: 'OPTIONS' })).arrayBuffer();
  }
}
