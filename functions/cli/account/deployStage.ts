import { bringUp, type Data, standing } from '../../../lib/app/dataVersion.ts';
import type { Clock } from '../../../lib/ports/clock.ts';
import { Stop } from '../command.ts';
import { type Account, stacksOf } from './account.ts';
import type { Cdk } from './cdk.ts';

export interface Deployment {
  readonly stage: string;
  /** folder of the templates of the stage */
  readonly assembly: string;
  readonly account: Account;
  readonly region: string;
  /** the table and the lake of a deployed stage */
  readonly data: (outputs: Readonly<Record<string, string>>) => Data;
  readonly cdk: Cdk;
  readonly clock: Clock;
  readonly codeVersion: string;
  /** whether changed permissions may be deployed without being asked for */
  readonly unasked: boolean;
}

/**
 * Deploys a stage: first what holds state, then the migrations of data, then the functions that expect them. Data of a later release
 * are refused before anything is touched.
 *
 * @returns what to tell the person: the outputs of both stacks
 */
export async function deployStage(deployment: Deployment, print: (line: string) => void) {
  const { stage, assembly, account, region, data, cdk, clock, codeVersion, unasked } = deployment;
  const stacks = stacksOf(stage);
  const deploy = (stack: string) =>
    cdk(
      ['deploy', stack, '--app', assembly, '--exclusively', '--require-approval', unasked ? 'never' : 'broadening'],
      region,
    );

  const before = await account.outputs(stacks.data);
  if (before !== null) {
    const found = await standing(data(before));
    if (found.standing === 'refused') throw new Stop(`${stage} is left as it is: ${found.reason}`);
  }
  await deploy(stacks.data);
  const outputs = await account.outputs(stacks.data);
  if (outputs === null) throw new Stop(`${stacks.data} was deployed and is not there`);
  for (const line of await bringUp({ ...data(outputs), clock, codeVersion })) print(line);
  await deploy(stacks.service);
  return { ...outputs, ...(await account.outputs(stacks.service)) };
}
