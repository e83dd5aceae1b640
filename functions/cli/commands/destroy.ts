import { createInterface } from 'node:readline/promises';
import { settingsOf } from '../../../infra/stages.ts';
import { awsAccount } from '../account/awsAccount.ts';
import { cdk } from '../account/cdk.ts';
import { destroyStage } from '../account/destroyStage.ts';
import { deployedStage, STAGE_OPTION } from '../account/stage.ts';
import { command, Stop, UsageError } from '../command.ts';
import { synth } from '../synth.ts';

const KEPT = 'even-kept-data-stage';

export const destroy = command({
  name: 'destroy',
  summary: 'Takes a stage out of the AWS account of your credentials.',
  operands: '',
  atLeast: 0,
  atMost: 0,
  options: {
    stage: STAGE_OPTION,
    yes: { help: 'do not ask' },
    [KEPT]: { help: 'also a stage whose settings keep its data: its stacks go, buckets and table stay' },
  },
  details:
    'A stage that does not keep its data loses all of it: the buckets are emptied, every version, before their stack goes.',
  async run(_, values, screen) {
    const { stage, yes } = values;
    const name = deployedStage('destroy', stage);
    const { keepData, region: wished } = settingsOf(name);
    if (keepData && values[KEPT] !== true)
      throw new UsageError(
        `destroy: ${name} keeps its data and is protected; --${KEPT} takes its stacks down all the same`,
      );
    if (yes !== true) await confirmed(name, keepData);
    const account = awsAccount(wished);
    const assembly = await synth({ stage: name });
    const deps = { stage: name, assembly, keepData, account, region: await account.region(), cdk };
    await destroyStage(deps, (line) => screen.print(line));
    return 0;
  },
});

/** Waits for the name of the stage to be typed. */
async function confirmed(stage: string, keepData: boolean): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const what = keepData ? 'everything of it but its buckets and table goes' : 'everything of it goes, data included';
    const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
    const answer = await Promise.race([
      terminal.question(`${stage}: ${what}. Type the name of the stage to go on: `),
      closed,
    ]);
    if (answer.trim() !== stage) throw new Stop('nothing was destroyed');
  } finally {
    terminal.close();
  }
}
