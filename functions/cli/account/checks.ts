import type { Stage } from '../../../infra/stages.ts';
import type { Account } from './account.ts';

export interface Check {
  readonly name: string;
  /** fails: nothing can be deployed before; warns: it can, and something will not work as wished */
  readonly state: 'ok' | 'warns' | 'fails' | 'skipped';
  readonly text: string;
}

export interface Surroundings {
  /** of the Node that runs this, like 24.21.0 */
  readonly node: string;
  /** throws with what is wrong in the settings file */
  readonly settings: () => Stage;
  readonly account: (region: string | null) => Account;
}

/** The Node of the functions, and of the sources that the command line runs unbuilt. */
const NODE = 24;
/** Of the bootstrap stack; older ones lack the roles that the templates' own manifests name. */
const BOOTSTRAP = 6;
/** Beside files, shards and deliveries: the API, and the small functions. */
const OTHER_INSTANCES = 20;
const DELIVERED_AT_ONCE = 10;

/** Whether a stage can be deployed from here, one answer a question; what cannot be asked is skipped and says why. */
export async function checks({ node, settings, account }: Surroundings): Promise<Check[]> {
  const found: Check[] = [];
  const say = (name: string, state: Check['state'], text: string) => found.push({ name, state, text });

  if (Number.parseInt(node, 10) >= NODE) say('Node', 'ok', node);
  else say('Node', 'fails', `${node}; ${NODE} or newer is needed: run this through npm, or install it from nodejs.org`);

  let stage: Stage;
  try {
    stage = settings();
    say('settings', 'ok', 'valid');
  } catch (error) {
    say('settings', 'fails', reasonOf(error));
    return found;
  }
  const at = account(stage.region);
  /** Asks, and tells a failure of the asking apart from a bad answer. */
  const ask = async (
    name: string,
    question: () => Promise<[Check['state'], string]>,
    remedy = '',
  ): Promise<boolean> => {
    try {
      const [state, text] = await question();
      say(name, state, text);
      return state !== 'fails';
    } catch (error) {
      say(name, 'fails', `${reasonOf(error)}${remedy}`);
      return false;
    }
  };

  const placed = await ask(
    'region',
    async () => ['ok', await at.region()],
    '; set region in the settings file, or AWS_REGION',
  );
  const known =
    placed &&
    (await ask(
      'credentials',
      async () => {
        const { account: number, arn } = await at.identity();
        return ['ok', `${arn} in account ${number}`];
      },
      '; sign in, for example with `aws sso login` or AWS_PROFILE',
    ));
  if (!known) {
    const missing = placed ? 'credentials' : 'a region';
    for (const name of [...(placed ? [] : ['credentials']), 'bootstrap', 'quotas', 'sender'])
      say(name, 'skipped', `needs ${missing}`);
    return found;
  }

  await ask('bootstrap', async () => {
    const version = await at.bootstrap();
    if (version === null) return ['fails', 'the region is not bootstrapped: run `npx cdk bootstrap` once'];
    if (version < BOOTSTRAP)
      return ['fails', `version ${version}, expected ${BOOTSTRAP} or newer: run \`npx cdk bootstrap\``];
    return ['ok', `version ${version}`];
  });
  await ask('quotas', async () => {
    const { ingestConcurrency, mapConcurrency } = stage;
    const needed = ingestConcurrency + mapConcurrency + DELIVERED_AT_ONCE + OTHER_INSTANCES;
    const has = await at.concurrency();
    const text = `${has} function instances at once, ${needed} are needed at most`;
    if (has >= needed) return ['ok', text];
    return [
      'warns',
      `${text}: runs are slower and the API may answer 429; ask Service Quotas for more (Lambda, concurrent executions)`,
    ];
  });
  await ask('sender', async () => {
    if (stage.mailFrom === null) return ['ok', 'mailFrom is not set: no e-mails are sent'];
    const sender = await at.sender(stage.mailFrom);
    if (sender === null)
      return [
        'fails',
        `SES in this region knows neither ${stage.mailFrom} nor its domain: create and verify the identity`,
      ];
    if (!sender.verified)
      return ['fails', `${stage.mailFrom} is not verified yet: follow the e-mail or the DNS records of SES`];
    if (sender.sandbox)
      return ['warns', 'SES is in the sandbox: only verified addresses get e-mails until production access is granted'];
    return ['ok', `${stage.mailFrom} is verified`];
  });
  return found;
}

const reasonOf = (error: unknown) => {
  const { name, message } = error as Error;
  return name === 'Error' || name === 'RangeError' ? message : `${message} (${name})`;
};
