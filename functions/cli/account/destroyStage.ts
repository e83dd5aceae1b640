import { type Account, stacksOf } from './account.ts';
import type { Cdk } from './cdk.ts';

/** Outputs of the data stack that name buckets. */
const BUCKETS = ['DropsBucketName', 'LakeBucketName', 'ArtifactsBucketName'];

/**
 * Takes a stage down: the functions first, so that nothing is written any more; then what the buckets hold, unless the stage keeps its
 * data (CloudFormation deletes empty buckets only, and a function of the template that empties them is what this command is instead of);
 * then the rest.
 *
 * @param keepData  buckets and table outlive their stack: they are named and nothing in them is touched
 */
export async function destroyStage(
  {
    stage,
    assembly,
    keepData,
    account,
    region,
    cdk,
  }: { stage: string; assembly: string; keepData: boolean; account: Account; region: string; cdk: Cdk },
  print: (line: string) => void,
): Promise<void> {
  const stacks = stacksOf(stage);
  const destroy = async (stack: string) => {
    if ((await account.outputs(stack)) === null) return print(`${stack} is not there`);
    if (keepData) await account.unprotect(stack);
    await cdk(['destroy', stack, '--app', assembly, '--exclusively', '--force'], region);
  };
  const outputs = (await account.outputs(stacks.data)) ?? {};
  await destroy(stacks.service);
  for (const name of BUCKETS) {
    const bucket = outputs[name];
    if (bucket === undefined || keepData) continue;
    print(`${bucket}: ${await account.empty(bucket)} objects and versions removed`);
  }
  await destroy(stacks.data);
  if (keepData)
    for (const name of [...BUCKETS, 'TableName']) if (outputs[name]) print(`kept, delete by hand: ${outputs[name]}`);
}
