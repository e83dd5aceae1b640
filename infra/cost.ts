/**
 * What a deployment costs a month, by arithmetic: how much of each thing is used, times its price. `npx node infra/cost.ts` prints the tables of
 * infra/COST.md. Nothing of it is deployed.
 */

/** USD in us-east-1 without any free allowance, as published in November 2026. */
export const PRICES = {
  /** of arm64 */
  lambdaGbSecond: 0.0000133334,
  lambdaCall: 0.2e-6,
  /** of disk beyond 512 MB */
  lambdaDiskGbSecond: 0.0000000309,
  dynamoWriteUnit: 0.625e-6,
  dynamoReadUnit: 0.125e-6,
  dynamoGbMonth: 0.25,
  dynamoBackupGbMonth: 0.2,
  s3GbMonth: 0.023,
  s3Write: 5e-6,
  s3Read: 0.4e-6,
  apiCall: 3.5e-6,
  bytesOutGb: 0.09,
  sqsCall: 0.4e-6,
  stateTransition: 25e-6,
  alarm: 0.1,
  ownMetric: 0.3,
  logGb: 0.5,
  mail: 0.1e-3,
  athenaTb: 5,
} as const;

/** What every deployment has and does, whatever it is given; a test holds the first four against the template of prod. */
export const HOUSE = {
  alarms: 55,
  queuesWithWorkers: 5,
  /** calls a month of due, each minute, and of reconcile and the second look for matches, each five minutes */
  scheduled: (60 * 24 * 30 * 7) / 5,
  dashboards: 1,
  ownMetrics: 6,
  /** Lambda asks each queue with five callers, for twenty seconds each: fifteen questions a minute */
  queueQuestions: 15 * 60 * 24 * 30,
  /** GB-seconds of a scheduled call: 512 MB, a fifth of a second */
  scheduledGbSeconds: 0.1,
} as const;

export interface Size {
  readonly name: string;
  readonly about: string;
  readonly runs: number;
  /** one run; counted by tests/app/layout.cost.test.ts */
  readonly writeUnits: number;
  readonly pagesGb: number;
  /** GB-seconds of all functions for one run: seconds measured here (tests/bench/README.md), times two, times 3 GB */
  readonly gbSeconds: number;
  readonly transitions: number;
  /** drops and columns that stay */
  readonly lakeGb: number;
  readonly questions: number;
  readonly mails: number;
}

/** Runs that the table holds at a time. */
const KEPT_RUNS = 3;

export const SIZES: readonly Size[] = [
  {
    name: 'HS4 national',
    about: 'one agency; the world at HS4, read again every fortnight; 10,000 questions, 1,000 e-mails',
    runs: 2,
    writeUnits: 241_344,
    pagesGb: 0.241,
    gbSeconds: 2 * 216 * 3,
    transitions: 150,
    lakeGb: 0.2,
    questions: 10_000,
    mails: 1_000,
  },
  {
    name: 'HS6 world',
    about: 'the world at HS6, five years of it, every week; 500,000 questions, 20,000 e-mails',
    runs: 4,
    writeUnits: 738_546,
    pagesGb: 0.74,
    gbSeconds: 2 * 485 * 3,
    transitions: 400,
    lakeGb: 5,
    questions: 500_000,
    mails: 20_000,
  },
  {
    name: 'HS6 with thirty years',
    about: 'the same world with thirty years in the lake, every week; 2,000,000 questions, 100,000 e-mails',
    runs: 4,
    writeUnits: 738_546,
    pagesGb: 0.74,
    // models are trained and back-tested too: another eight minutes of one function
    gbSeconds: 2 * (485 + 500) * 3,
    transitions: 400,
    lakeGb: 20,
    questions: 2_000_000,
    mails: 100_000,
  },
];

export interface Line {
  readonly what: string;
  readonly arithmetic: string;
  readonly usd: number;
}

/** The lines of a month's bill. */
export function costLines(size: Size): Line[] {
  const { runs, writeUnits, pagesGb, gbSeconds, transitions, lakeGb, questions, mails } = size;
  const tableGb = KEPT_RUNS * pagesGb;
  const answers = { gbSeconds: 0.05, readUnits: 5, kilobytes: 12 };
  const of = (what: string, ...parts: readonly (readonly [amount: number, unit: string, price: number])[]): Line => ({
    what,
    arithmetic: parts.map(([amount, unit, price]) => `${short(amount)} ${unit} × ${plain(price)}`).join(' + '),
    usd: parts.reduce((sum, [amount, , price]) => sum + amount * price, 0),
  });
  return [
    of('writing runs', [runs * writeUnits, 'write units', PRICES.dynamoWriteUnit]),
    of(
      'computing runs',
      [runs * gbSeconds, 'GB-s', PRICES.lambdaGbSecond],
      [runs * transitions, 'transitions', PRICES.stateTransition],
    ),
    of(
      'table and its point-in-time backup',
      [tableGb, 'GB', PRICES.dynamoGbMonth],
      [tableGb, 'GB', PRICES.dynamoBackupGbMonth],
    ),
    of('lake', [lakeGb, 'GB', PRICES.s3GbMonth], [lakeGb * 2e-3, 'TB asked by Athena', PRICES.athenaTb]),
    of(
      'questions',
      [questions, 'calls', PRICES.apiCall + PRICES.lambdaCall],
      [questions * answers.gbSeconds, 'GB-s', PRICES.lambdaGbSecond],
      [questions * answers.readUnits, 'read units', PRICES.dynamoReadUnit],
      [(questions * answers.kilobytes) / 1e6, 'GB out', PRICES.bytesOutGb],
    ),
    of('e-mails', [mails, 'e-mails', PRICES.mail], [mails * 4, 'queue calls', PRICES.sqsCall]),
    of(
      'waiting for work',
      [HOUSE.queuesWithWorkers * HOUSE.queueQuestions, 'queue calls', PRICES.sqsCall],
      [HOUSE.scheduled * HOUSE.scheduledGbSeconds, 'GB-s', PRICES.lambdaGbSecond],
    ),
    of(
      'watching',
      [HOUSE.alarms, 'alarms', PRICES.alarm],
      [HOUSE.ownMetrics, 'metrics', PRICES.ownMetric],
      [0.2 + questions * 1e-6, 'GB of logs', PRICES.logGb],
    ),
  ];
}

export const totalOf = (lines: readonly Line[]): number => lines.reduce((sum, { usd }) => sum + usd, 0);

const short = (amount: number): string =>
  amount >= 1e6
    ? `${+(amount / 1e6).toPrecision(3)} million`
    : amount >= 1e3
      ? Math.round(amount).toLocaleString('en')
      : `${+amount.toPrecision(3)}`;
const plain = (price: number): string => (price < 1e-3 ? `${+(price * 1e6).toPrecision(6)} millionths` : `${price}`);

/** The tables of infra/COST.md. */
export function costTables(): string {
  return SIZES.map((size) => {
    const lines = costLines(size);
    return [
      `### ${size.name}: ${totalOf(lines).toFixed(2)} USD a month`,
      '',
      `${size.about[0]?.toUpperCase()}${size.about.slice(1)}.`,
      '',
      '| what | arithmetic | USD |',
      '|---|---|---|',
      ...lines.map(({ what, arithmetic, usd }) => `| ${what} | ${arithmetic} | ${usd.toFixed(2)} |`),
    ].join('\n');
  }).join('\n\n');
}

if (import.meta.main) console.log(costTables());
