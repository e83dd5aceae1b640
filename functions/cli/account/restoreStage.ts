import { Stop } from '../command.ts';
import { type Account, stacksOf } from './account.ts';

/**
 * Makes the table of a stage hold what a restored copy of it holds. Its functions have to be taken away before: a run or a subscriber that writes
 * meanwhile would be lost, or half kept.
 *
 * @param from the table to which a backup was restored
 */
export async function restoreStage(
  { stage, from, account }: { stage: string; from: string; account: Account },
  onItem: (written: number) => void,
): Promise<string> {
  const stacks = stacksOf(stage);
  const outputs = await account.outputs(stacks.data);
  const table = outputs?.TableName;
  if (table === undefined) throw new Stop(`${stacks.data} is not there: deploy it first, ${from} is left as it is`);
  if (table === from)
    throw new Stop(`${from} is the table of ${stage} itself: name the one that a backup was restored to`);
  if ((await account.outputs(stacks.service)) !== null)
    throw new Stop(
      `${stacks.service} still writes to ${table}: take it away first (npx cdk destroy ${stacks.service} --app cdk.out/${stage} --exclusively)`,
    );
  const { written, removed } = await account.copyTable(from, table, onItem);
  return `${table} holds the ${written} items of ${from}; ${removed} that it had beside them are gone`;
}
