import { STAGES } from '../../../infra/stages.ts';
import { command, UsageError } from '../command.ts';
import { synthCommand } from '../synth.ts';

export const synth = command({
  name: 'synth',
  summary: 'Writes the CloudFormation templates, offline, and prints where they are.',
  operands: '',
  atLeast: 0,
  atMost: 0,
  options: {
    stage: { value: 'NAME', help: `one of ${Object.keys(STAGES).join(', ')}; dev when not given` },
    outdir: { value: 'FOLDER', help: 'where they go; cdk.out/NAME when not given' },
  },
  details: 'What was made from the same sources before is kept as it is.',
  async run(_, { stage, outdir }, { print }) {
    if (stage !== undefined && !Object.hasOwn(STAGES, stage))
      throw new UsageError(`synth: there is no stage ${stage}; there are ${Object.keys(STAGES).join(', ')}`);
    const args = Object.entries({ stage, outdir }).flatMap(([name, value]) => (value ? [`--${name}`, value] : []));
    await synthCommand(args, print);
    return 0;
  },
});
