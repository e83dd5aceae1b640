import { synth } from '../../functions/cli/synth.ts';
import { type Bundles, bundleFunctions } from '../../infra/bundles.ts';
import { STAGES } from '../../infra/stages.ts';
import { outdirOf } from './templates.ts';

/** Synthesises each stage once for all files of this folder; what did not change since the last time is kept. */
export default async function synthesise(): Promise<void> {
  // bundling is most of it, and all stages deploy the same
  let made: Promise<Bundles> | undefined;
  const bundles = () => {
    made ??= bundleFunctions(outdirOf('functions'));
    return made;
  };
  for (const stage of Object.keys(STAGES)) await synth({ stage, outdir: outdirOf(stage), bundles });
}
